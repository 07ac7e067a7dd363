#include <socketserver/xmlrpc/method.hpp>

#include <stdexcept>

namespace socketserver::xmlrpc {

namespace detail {

void require_count(std::size_t count, std::size_t least, std::size_t most) {
  if (count >= least && count <= most) return;
  std::string takes = std::to_string(least);
  if (most != least) takes += " to " + std::to_string(most);
  throw InvalidParams("takes " + takes + (most == 1 ? " argument, " : " arguments, ") +
                      std::to_string(count) + (count == 1 ? " was given" : " were given"));
}

}  // namespace detail

void Method::check_names() const {
  const std::size_t names = options_.params.size();
  if (names == 0 || takes_all() || names == most_) return;
  throw std::invalid_argument("a function of " + std::to_string(most_) + " parameters has " +
                              std::to_string(names) + " names for them");
}

std::string Method::signature_text() const {
  std::string text = "(";
  if (takes_all()) {
    text += "...";
  } else {
    for (std::size_t i = 0; i < most_; ++i) {
      if (i > 0) text += ", ";
      text += types_[i + 1];
      if (!options_.params.empty()) text += ' ' + options_.params[i];
      if (i >= least_) text += '?';
    }
  }
  return (text += ") -> ") += types_[0];
}

Array Method::in_order(const Struct& named) const {
  if (options_.params.empty()) throw InvalidParams("takes its arguments by position only");
  Array ordered;
  std::size_t found = 0;
  for (const std::string& name : options_.params) {
    const Value* value = named.find(name);
    if (value != nullptr) {
      ++found;
      ordered.push_back(*value);
    } else if (takes_all() || ordered.size() < least_) {
      throw InvalidParams("argument '" + name + "' is missing");
    } else {
      ordered.emplace_back();  // optional, and nil is nothing
    }
  }
  if (found != named.size()) throw InvalidParams("has no argument of one of the names given");
  return ordered;
}

}  // namespace socketserver::xmlrpc
