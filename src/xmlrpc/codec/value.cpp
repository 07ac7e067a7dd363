#include <algorithm>
#include <socketserver/xmlrpc/codec/fault.hpp>
#include <socketserver/xmlrpc/codec/value.hpp>
#include <stdexcept>
#include <string_view>

#include "xmlrpc/codec/repr.hpp"

namespace socketserver::xmlrpc {
namespace {

/// Up to here, comparing each name with each is quicker than sorting.
constexpr std::size_t kFewMembers = 16;

using Members = std::vector<Struct::Member>;

/// A member's name, and where it stands.
struct Place {
  std::string_view name;
  std::size_t index;
};

/// The members ordered by name; equal names stay in the members' order.
std::vector<Place> order_by_name(const Members& members) {
  std::vector<Place> order;
  order.reserve(members.size());
  for (std::size_t i = 0; i < members.size(); ++i) order.push_back({members[i].first, i});
  std::sort(order.begin(), order.end(), [](const Place& a, const Place& b) {
    const int names = a.name.compare(b.name);
    return names != 0 ? names < 0 : a.index < b.index;
  });
  return order;
}

bool names_differ(const Members& members) {
  for (std::size_t i = 1; i < members.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (members[i].first == members[k].first) return false;
    }
  }
  return true;
}

/// Moves the last value of each name to its first place, and removes the rest.
void merge_equal_names(Members& members) {
  const std::vector<Place> order = order_by_name(members);
  std::vector<bool> superfluous(members.size(), false);
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last + 1 < order.size() && order[last + 1].name == order[first].name) {
      superfluous[order[++last].index] = true;
    }
    if (last > first) {
      members[order[first].index].second = std::move(members[order[last].index].second);
    }
    first = last + 1;
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (superfluous[i]) continue;
    if (kept != i) members[kept] = std::move(members[i]);
    ++kept;
  }
  members.erase(members.begin() + static_cast<std::ptrdiff_t>(kept), members.end());
}

std::string no_member(std::string_view name) {
  return "the struct has no member " + repr(name);
}

/// Whether both have the same names with equal values; each has a name only once.
bool equal_members(const Members& a, const Members& b) {
  if (a.size() != b.size()) return false;
  const std::vector<Place> order_a = order_by_name(a);
  const std::vector<Place> order_b = order_by_name(b);
  return std::equal(order_a.begin(), order_a.end(), order_b.begin(),
                    [&a, &b](const Place& i, const Place& k) { return a[i.index] == b[k.index]; });
}

}  // namespace

Struct::Struct(std::initializer_list<Member> members)
    : Struct(from_members(std::vector<Member>(members))) {}

Struct Struct::from_members(std::vector<Member> members) {
  Struct result;
  if (members.size() > kFewMembers || !names_differ(members)) merge_equal_names(members);
  result.members_ = std::move(members);
  return result;
}

void Struct::set(std::string name, Value value) {
  for (Member& member : members_) {
    if (member.first != name) continue;
    member.second = std::move(value);
    return;
  }
  members_.emplace_back(std::move(name), std::move(value));
}

const Value* Struct::find(std::string_view name) const noexcept {
  for (const Member& member : members_) {
    if (member.first == name) return &member.second;
  }
  return nullptr;
}

const Value& Struct::at(std::string_view name) const {
  if (const Value* value = find(name)) return *value;
  throw std::out_of_range(no_member(name));
}

Value& Struct::operator[](std::string_view name) {
  for (Member& member : members_) {
    if (member.first == name) return member.second;
  }
  return members_.emplace_back(std::string(name), Value()).second;
}

std::size_t Struct::size() const noexcept {
  return members_.size();
}

std::vector<Struct::Member>::const_iterator Struct::begin() const noexcept {
  return members_.begin();
}

std::vector<Struct::Member>::const_iterator Struct::end() const noexcept {
  return members_.end();
}

bool operator==(const Struct& a, const Struct& b) {
  return equal_members(a.members_, b.members_);
}

const Value& Value::operator[](std::string_view name) const& {
  const Struct* members = get_if<Struct>();
  if (!members) throw TypeError("expected struct, got " + std::string(type_name()));
  if (const Value* value = members->find(name)) return *value;
  throw TypeError(no_member(name));
}

Value Value::operator[](std::string_view name) && {
  return std::move(const_cast<Value&>(std::as_const(*this)[name]));  // which is not const
}

const Value& Value::element(std::size_t index) const {
  const Array* values = get_if<Array>();
  if (!values) throw TypeError("expected array, got " + std::string(type_name()));
  if (index < values->size()) return (*values)[index];
  throw TypeError("the array of " + std::to_string(values->size()) + " values has no such index");
}

std::string_view Value::type_name() const noexcept {
  static constexpr std::string_view kNames[] = {
      "nil",        "boolean",    "int",   "double", "string", "base64", "dateTime.iso8601",
      "biginteger", "bigdecimal", "array", "struct"};
  static_assert(std::size(kNames) == std::variant_size_v<Variant>);
  return data_.valueless_by_exception() ? kNames[0] : kNames[data_.index()];
}

}  // namespace socketserver::xmlrpc
