#include <socketserver/xmlrpc/instance.hpp>

#include <algorithm>
#include <stdexcept>

namespace socketserver::xmlrpc {

Instance::~Instance() = default;

std::optional<Value> Instance::_dispatch(std::string_view /*method*/, const Array& /*params*/) {
  return std::nullopt;
}

std::vector<std::string> Instance::_listMethods() const {
  return list_public_methods(*this);
}

std::optional<std::string> Instance::_methodHelp(std::string_view /*method*/) const {
  return std::nullopt;
}

std::optional<std::string> Instance::_get_method_argstring(std::string_view /*method*/) const {
  return std::nullopt;
}

void Instance::object(std::string name, std::shared_ptr<Instance> child) {
  if (!child) throw std::invalid_argument("object '" + name + "' is null");
  add(std::move(name), std::move(child));
}

void Instance::add(std::string name, Member member) {
  if (name.empty() || name.starts_with('_') || name.find('.') != name.npos) {
    throw std::invalid_argument("'" + name + "' is no name for what clients may reach");
  }
  const auto same = [&](const auto& entry) { return entry.first == name; };
  const auto old = std::ranges::find_if(table_, same);
  if (old != table_.end()) {
    old->second = std::move(member);
  } else {
    table_.emplace_back(std::move(name), std::move(member));
  }
}

const Instance::Member* Instance::find(std::string_view name) const noexcept {
  const auto same = [&](const auto& entry) { return entry.first == name; };
  const auto found = std::ranges::find_if(table_, same);
  return found == table_.end() ? nullptr : &found->second;
}

std::shared_ptr<const Method> resolve_dotted_attribute(const Instance& instance,
                                                       std::string_view name,
                                                       bool allow_dotted_names) {
  const Instance* owner = &instance;
  for (;;) {
    const std::size_t dot = allow_dotted_names ? name.find('.') : name.npos;
    const Instance::Member* member = owner->find(name.substr(0, dot));
    if (member == nullptr) return nullptr;
    if (dot == name.npos) {
      const auto* method = std::get_if<std::shared_ptr<const Method>>(member);
      return method == nullptr ? nullptr : *method;
    }
    const auto* child = std::get_if<std::shared_ptr<Instance>>(member);
    if (child == nullptr) return nullptr;
    owner = child->get();
    name.remove_prefix(dot + 1);
  }
}

std::vector<std::string> list_public_methods(const Instance& instance) {
  std::vector<std::string> names;
  names.reserve(instance.table_.size());
  for (const auto& [name, member] : instance.table_) names.push_back(name);
  return names;
}

}  // namespace socketserver::xmlrpc
