#pragma once

#include <cstddef>
#include <optional>
#include <socketserver/xmlrpc/codec/loads.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "xmlrpc/codec/tags.hpp"

namespace socketserver::xmlrpc {

/// Makes a message of its elements as they come. It knows nothing of XML: whoever calls it sees to
/// it that elements nest.
///
/// Values are made on one stack and moved from there into the array or struct that they belong to;
/// nothing else is allocated for an element.
class MessageBuilder {
 public:
  explicit MessageBuilder(const LoadLimits& limits);

  /// An element begins. Returns false when it must not, there: see failure(); then nothing more
  /// may be said.
  [[nodiscard]] bool start(std::string_view name);

  /// Whether text means anything where the message is now.
  [[nodiscard]] bool collects_text() const noexcept { return collecting_; }

  /// Text, or a piece of it.
  void text(std::string_view piece) {
    if (collecting_) text_.append(piece);
  }

  /// The last element that began ends. Returns false when it is not what it should be.
  [[nodiscard]] bool end();

  /// The message, once its root element has ended.
  [[nodiscard]] Message take();

  [[nodiscard]] const ParseFailure& failure() const noexcept { return failure_; }

 private:
  /// An element that has begun.
  struct Frame {
    Tag tag = Tag::unknown;
    bool has_first = false;   ///< methodName; a member's name; array: values without data
    bool has_second = false;  ///< params or fault; a value; array: data
    std::size_t values = 0;   ///< How many values there were before it.
    std::size_t names = 0;    ///< How many names of members.
  };

  bool enter(Tag tag, bool collects_text);
  bool start_in(Frame& parent, Tag tag);
  bool start_root(Tag tag);
  bool start_in_array(Frame& array, Tag tag);
  bool start_in_member(Frame& member, Tag tag);
  bool start_only_value(Frame& parent, Tag tag);
  bool start_value(Tag tag);
  bool start_message_part(Frame& message, Tag tag);

  bool end_scalar(Tag tag);
  bool end_array(const Frame& frame);
  bool end_struct(const Frame& frame);
  bool end_fault();

  bool push(Value value);
  std::string taken_text();
  bool refuse(std::string text);
  bool misplaced(Tag parent);
  bool over(std::string_view what, std::size_t limit);

  LoadLimits limits_;
  std::vector<Frame> frames_;
  std::vector<Value> values_;
  std::vector<std::string> names_;
  std::string text_;
  bool collecting_ = false;
  std::size_t depth_ = 0;
  std::size_t count_ = 0;
  std::string_view starting_;  ///< The name of the element that begins.
  Message message_;
  ParseFailure failure_;
};

}  // namespace socketserver::xmlrpc
