#include "xmlrpc/codec/message_builder.hpp"

#include <iterator>

#include "xmlrpc/codec/base64.hpp"
#include "xmlrpc/codec/repr.hpp"
#include "xmlrpc/codec/scalars.hpp"

namespace socketserver::xmlrpc {
namespace {

constexpr std::size_t kShownBytes = 40;
constexpr std::size_t kWorthMoving = 4096;

/// Text of a peer's, cut when it is long.
std::string shown(std::string_view text) {
  return text.size() <= kShownBytes ? repr(text) : repr(text.substr(0, kShownBytes)) + "…";
}

std::string_view name_of(Tag tag) {
  static constexpr std::string_view kNames[] = {
      "methodCall", "methodResponse", "methodName", "params",  "param",
      "fault",      "value",          "data",       "member",  "name",
      "array",      "struct",         "nil",        "boolean", "int",
      "double",     "bigdecimal",     "string",     "base64",  "dateTime.iso8601",
      "document"};
  static_assert(std::size(kNames) == static_cast<std::size_t>(Tag::unknown) + 1);
  return kNames[static_cast<std::size_t>(tag)];
}

/// The value that a typed element's text stands for, or nothing.
std::optional<Value> read_scalar(Tag tag, std::string_view text) {
  switch (tag) {
    case Tag::nil:
      return Value();
    case Tag::boolean:
      return read_boolean(text);
    case Tag::integer:
      return read_integer(text);
    case Tag::floating:
      if (const auto number = read_double(text)) return Value(*number);
      return std::nullopt;
    case Tag::decimal:
      return read_decimal(text);
    case Tag::date_time:
      return Value(DateTime(text));
    case Tag::base64: {
      Binary binary;
      if (!decode_base64(text, binary.data)) return std::nullopt;
      return Value(std::move(binary));
    }
    default:
      return std::nullopt;
  }
}

}  // namespace

MessageBuilder::MessageBuilder(const LoadLimits& limits) : limits_(limits) {
  frames_.emplace_back();
}

bool MessageBuilder::start(std::string_view name) {
  starting_ = name;
  const Tag tag = tag_of(name);
  if (tag == Tag::unknown) return refuse("unknown tag " + shown(name));
  return start_in(frames_.back(), tag);
}

bool MessageBuilder::start_in(Frame& parent, Tag tag) {
  switch (parent.tag) {
    case Tag::value:
      if (!is_type(tag)) return misplaced(parent.tag);
      if (parent.has_second) return refuse("more than one value in a value");
      parent.has_second = true;
      return start_value(tag);
    case Tag::data:
      return tag == Tag::value ? start_value(tag) : misplaced(parent.tag);
    case Tag::structure:
      return tag == Tag::member ? enter(tag, false) : misplaced(parent.tag);
    case Tag::member:
      return start_in_member(parent, tag);
    case Tag::array:
      return start_in_array(parent, tag);
    case Tag::params:
      if (tag == Tag::param) return enter(tag, false);
      return tag == Tag::value || is_type(tag) ? start_value(tag) : misplaced(parent.tag);
    case Tag::param:
    case Tag::fault:
      return start_only_value(parent, tag);
    case Tag::method_call:
    case Tag::method_response:
      return start_message_part(parent, tag);
    case Tag::unknown:
      return start_root(tag);
    default:  // one that holds text
      return misplaced(parent.tag);
  }
}

bool MessageBuilder::start_root(Tag tag) {
  switch (tag) {
    case Tag::method_call:
      message_.kind = MessageKind::call;
      break;
    case Tag::method_response:
      message_.kind = MessageKind::response;
      break;
    case Tag::params:
      message_.kind = MessageKind::params;
      break;
    case Tag::fault:
      message_.kind = MessageKind::fault;
      break;
    default:
      return misplaced(Tag::unknown);
  }
  return enter(tag, false);
}

bool MessageBuilder::start_message_part(Frame& message, Tag tag) {
  const bool is_call = message.tag == Tag::method_call;
  if (tag == Tag::method_name && is_call) {
    if (message.has_first) return refuse("more than one methodName");
    message.has_first = true;
    return enter(tag, true);
  }
  if (tag != Tag::params && (tag != Tag::fault || is_call)) return misplaced(message.tag);
  if (message.has_second) return refuse("more than one params or fault");
  message.has_second = true;
  if (tag == Tag::fault) message_.kind = MessageKind::fault;
  return enter(tag, false);
}

bool MessageBuilder::start_only_value(Frame& parent, Tag tag) {
  if (tag != Tag::value && !is_type(tag)) return misplaced(parent.tag);
  if (parent.has_second)
    return refuse("more than one value in a " + std::string(name_of(parent.tag)));
  parent.has_second = true;
  return start_value(tag);
}

bool MessageBuilder::start_in_array(Frame& array, Tag tag) {
  if (tag == Tag::data) {
    if (array.has_first || array.has_second) return refuse("more than one data in an array");
    array.has_second = true;
    return enter(tag, false);
  }
  if (tag != Tag::value || array.has_second) return misplaced(array.tag);
  array.has_first = true;
  return start_value(tag);
}

bool MessageBuilder::start_in_member(Frame& member, Tag tag) {
  if (tag == Tag::name) {
    if (member.has_first) return refuse("more than one name in a member");
    member.has_first = true;
    return enter(tag, true);
  }
  if (tag != Tag::value) return misplaced(member.tag);
  if (!member.has_first) return refuse("a member without a name before its value");
  if (member.has_second) return refuse("more than one value in a member");
  member.has_second = true;
  return start_value(tag);
}

bool MessageBuilder::start_value(Tag tag) {
  if (!is_container(tag)) return enter(tag, true);
  if (depth_ == limits_.depth) return over("arrays and structs in one another", limits_.depth);
  ++depth_;
  return enter(tag, false);
}

bool MessageBuilder::enter(Tag tag, bool collects_text) {
  collecting_ = collects_text;
  if (collects_text) text_.clear();
  frames_.push_back({.tag = tag, .values = values_.size(), .names = names_.size()});
  return true;
}

bool MessageBuilder::end() {
  const Frame frame = frames_.back();
  frames_.pop_back();
  const bool had_text = collecting_;
  collecting_ = false;
  switch (frame.tag) {
    case Tag::value:
      return frame.has_second || !had_text || push(taken_text());
    case Tag::name:
      names_.push_back(text_);
      return true;
    case Tag::member:
      return frame.has_second || refuse("a member without name or value");
    case Tag::array:
      return end_array(frame);
    case Tag::structure:
      return end_struct(frame);
    case Tag::method_name:
      message_.methodname = text_;
      return true;
    case Tag::param:
      return frame.has_second || refuse("a param without value");
    case Tag::fault:
      return frame.has_second ? end_fault() : refuse("a fault without value");
    case Tag::method_call:
      return frame.has_first || refuse("a methodCall without methodName");
    case Tag::method_response:
      return frame.has_second || refuse("a methodResponse without params or fault");
    case Tag::params:
    case Tag::data:
      return true;
    default:
      return end_scalar(frame.tag);
  }
}

bool MessageBuilder::end_scalar(Tag tag) {
  if (tag == Tag::string) return push(taken_text());
  std::optional<Value> value = read_scalar(tag, text_);
  if (!value) return refuse("bad " + std::string(name_of(tag)) + " value " + shown(text_));
  return push(std::move(*value));
}

bool MessageBuilder::end_array(const Frame& frame) {
  --depth_;
  const auto first = values_.begin() + static_cast<std::ptrdiff_t>(frame.values);
  Array array(std::make_move_iterator(first), std::make_move_iterator(values_.end()));
  values_.erase(first, values_.end());
  return push(std::move(array));
}

bool MessageBuilder::end_struct(const Frame& frame) {
  --depth_;
  std::vector<Struct::Member> members;
  members.reserve(values_.size() - frame.values);
  for (std::size_t i = frame.values, k = frame.names; i < values_.size(); ++i, ++k) {
    members.emplace_back(std::move(names_[k]), std::move(values_[i]));
  }
  values_.erase(values_.begin() + static_cast<std::ptrdiff_t>(frame.values), values_.end());
  names_.erase(names_.begin() + static_cast<std::ptrdiff_t>(frame.names), names_.end());
  return push(Struct::from_members(std::move(members)));
}

bool MessageBuilder::end_fault() {
  const Struct* members = values_.back().get_if<Struct>();
  const Value* code = members ? members->find("faultCode") : nullptr;
  const Value* text = members ? members->find("faultString") : nullptr;
  const auto* number = code ? code->get_if<std::int64_t>() : nullptr;
  const auto* string = text ? text->get_if<std::string>() : nullptr;
  if (!number || !string || !std::in_range<int>(*number)) {
    return refuse("a fault that is no struct with an int faultCode and a string faultString");
  }
  message_.fault_code = static_cast<int>(*number);
  message_.fault_text = *string;
  values_.clear();
  return true;
}

Message MessageBuilder::take() {
  message_.params = std::move(values_);
  return std::move(message_);
}

bool MessageBuilder::push(Value value) {
  if (++count_ > limits_.values) return over("values", limits_.values);
  values_.push_back(std::move(value));
  return true;
}

/// The text of a string: a copy that fits, unless it is so long that copying would cost more.
std::string MessageBuilder::taken_text() {
  return text_.size() < kWorthMoving ? text_ : std::move(text_);
}

bool MessageBuilder::refuse(std::string text) {
  failure_ = {.code = INVALID_XMLRPC, .text = std::move(text)};
  return false;
}

bool MessageBuilder::misplaced(Tag parent) {
  return refuse("tag " + shown(starting_) + " in " + std::string(name_of(parent)));
}

bool MessageBuilder::over(std::string_view what, std::size_t limit) {
  failure_ = {.code = SYSTEM_ERROR,
              .text = "more than " + std::to_string(limit) + " " + std::string(what)};
  return false;
}

}  // namespace socketserver::xmlrpc
