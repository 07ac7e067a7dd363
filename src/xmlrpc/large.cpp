#include "xmlrpc/large.hpp"

#include <string>

namespace socketserver::xmlrpc {
namespace {

constexpr std::size_t kElementBytes = 32;  // <value><int>…</int></value> and the like

/// Takes from `left` what is written for the value; stops when nothing is left.
void weigh(const Value& value, std::size_t& left) noexcept {
  std::size_t bytes = kElementBytes;
  if (const auto* text = value.get_if<std::string>()) bytes += text->size();
  if (const auto* binary = value.get_if<Binary>()) bytes += binary->data.size();
  left -= bytes < left ? bytes : left;
  if (const auto* values = value.get_if<Array>()) {
    for (auto element = values->begin(); left > 0 && element != values->end(); ++element) {
      weigh(*element, left);
    }
  } else if (const auto* members = value.get_if<Struct>()) {
    for (auto member = members->begin(); left > 0 && member != members->end(); ++member) {
      left -= member->first.size() < left ? member->first.size() : left;
      weigh(member->second, left);
    }
  }
}

}  // namespace

bool is_large(const Value& value) noexcept {
  std::size_t left = kLargeBytes;
  weigh(value, left);
  return left == 0;
}

}  // namespace socketserver::xmlrpc
