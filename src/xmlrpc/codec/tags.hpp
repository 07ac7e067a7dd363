#pragma once

#include <cstdint>
#include <string_view>

namespace socketserver::xmlrpc {

/// The elements of XML-RPC and of its usual extensions.
enum class Tag : std::uint8_t {
  method_call,
  method_response,
  method_name,
  params,
  param,
  fault,
  value,
  data,
  member,
  name,
  array,
  structure,
  nil,
  boolean,
  integer,
  floating,
  decimal,
  string,
  base64,
  date_time,
  unknown,
};

/// Whether such an element is a value of its own, array and struct among them.
constexpr bool is_type(Tag tag) noexcept {
  return tag >= Tag::array && tag < Tag::unknown;
}

/// Whether such an element holds other ones.
constexpr bool is_container(Tag tag) noexcept {
  return tag == Tag::array || tag == Tag::structure;
}

/// What an element's name without a namespace prefix means.
constexpr Tag tag_of_plain(std::string_view name) noexcept {
  // By size first: every value has some of these, and a comparison of a known size costs little.
  switch (name.size()) {
    case 2:
      return name == "i4" || name == "i8" || name == "i1" || name == "i2" ? Tag::integer
                                                                          : Tag::unknown;
    case 3:
      return name == "int" ? Tag::integer : name == "nil" ? Tag::nil : Tag::unknown;
    case 4:
      return name == "name" ? Tag::name : name == "data" ? Tag::data : Tag::unknown;
    case 5:
      if (name == "value") return Tag::value;
      if (name == "param") return Tag::param;
      if (name == "array") return Tag::array;
      if (name == "fault") return Tag::fault;
      return name == "float" ? Tag::floating : Tag::unknown;
    case 6:
      if (name == "member") return Tag::member;
      if (name == "string") return Tag::string;
      if (name == "struct") return Tag::structure;
      if (name == "double") return Tag::floating;
      if (name == "params") return Tag::params;
      return name == "base64" ? Tag::base64 : Tag::unknown;
    case 7:
      return name == "boolean" ? Tag::boolean : Tag::unknown;
    case 10:
      if (name == "methodCall") return Tag::method_call;
      if (name == "methodName") return Tag::method_name;
      if (name == "biginteger") return Tag::integer;
      return name == "bigdecimal" ? Tag::decimal : Tag::unknown;
    case 14:
      return name == "methodResponse" ? Tag::method_response : Tag::unknown;
    case 16:
      return name == "dateTime.iso8601" ? Tag::date_time : Tag::unknown;
    default:
      return Tag::unknown;
  }
}

/// What an element's name means, whichever namespace prefix it has (`ex:nil`).
constexpr Tag tag_of(std::string_view name) noexcept {
  const Tag tag = tag_of_plain(name);
  if (tag != Tag::unknown) return tag;
  const std::size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? tag : tag_of_plain(name.substr(colon + 1));
}

}  // namespace socketserver::xmlrpc
