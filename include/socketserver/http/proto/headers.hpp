#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <socketserver/http/proto/text_buffer.hpp>

namespace socketserver::http {

/// As `iequals`, of two texts of `size` bytes.
[[nodiscard]] bool iequals(const char* a, const char* b, std::size_t size) noexcept;

/// Tells whether `a` and `b` are equal when ASCII letters are compared without case. Inline as far
/// as most names differ: in their size.
[[nodiscard]] inline bool iequals(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && iequals(a.data(), b.data(), a.size());
}

/// Tells whether `text` is a token (RFC 9110 §5.6.2): what a method or a field name is made of.
[[nodiscard]] bool is_token(std::string_view text) noexcept;

/// Tells whether the comma-separated `list` has the member `token`, compared without case:
/// `has_token("close, TE", "te")` (RFC 9110 §5.6.1; Python compares the whole value instead).
[[nodiscard]] bool has_token(std::string_view list, std::string_view token) noexcept;

/// Why a received field line was refused; every value but `none` is answered with 400.
enum class FieldError {
  none,
  folded,    ///< begins with a blank: obsolete line folding (RFC 9112 §5.2)
  no_colon,  ///< has no colon
  bad_name,  ///< the name is empty, no token, or has a blank before the colon (RFC 9112 §5.1)
  bad_value  ///< the value holds a control character other than HTAB, bare CR and NUL among them
};

/// Keeps header fields in the order and the spelling in which they were added.
///
/// Serves requests and responses alike. Look-ups ignore the case of names; a name may occur many
/// times. This is Python's `email.message.Message` as far as servers use it.
///
/// All fields live in one text, each as `Name: value\r\n`, so a response head is written as it
/// stands (`text()`) and a request head costs one buffer, not one per field. Look-ups are linear:
/// the number of fields is bounded (`HeadLimits::header_count`), and nothing can be flooded.
///
/// Thread safety: const members may be called from many threads at once.
/// Lifetime: every returned view lives until the next non-const call, move or destruction.
///
///     Headers h;
///     h.add("Content-Type", "text/html");
///     h["content-type"];  // "text/html"
class Headers {
 public:
  /// One field: views into the object that it comes from.
  struct Field {
    std::string_view name;   ///< As it was spelled.
    std::string_view value;  ///< Without blanks around it.
  };

  class const_iterator;

  /// Adds a field behind the others. `name` and `value` may be views into this object.
  /// @throws std::invalid_argument when `name` is no token, or `value` has CR, LF or NUL.
  /// Differs from Python: `send_header` writes such bytes, and so splits the response.
  void add(std::string_view name, std::string_view value);

  /// Replaces all fields called `name` by one, which goes behind the others. Throws as `add`,
  /// and then nothing has changed.
  void set(std::string_view name, std::string_view value);

  /// Takes all fields called `name` out; returns how many there were.
  std::size_t remove(std::string_view name);

  /// Forgets all fields and keeps the memory for the next ones.
  void clear() noexcept;

  /// Adds the field of a received line, given without its line end; blanks around the value are
  /// dropped. For parsers: never throws because of the text, and adds nothing on an error.
  [[nodiscard]] FieldError add_line(std::string_view line);

  /// Returns the value of the first field called `name`, or nothing.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const noexcept;

  /// Returns the values of all fields called `name`, in their order.
  [[nodiscard]] std::vector<std::string_view> get_all(std::string_view name) const;

  /// Returns the values of all fields called `name` as one comma-separated list, which they mean
  /// where several are allowed (RFC 9110 §5.3); "" when there is none.
  [[nodiscard]] std::string joined(std::string_view name) const;

  /// Tells whether there is a field called `name`, even one with an empty value.
  [[nodiscard]] bool contains(std::string_view name) const noexcept;

  /// Tells whether any field called `name` has the list member `token`; see the free function.
  [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const noexcept;

  /// Returns the value of the first field called `name`, or "" when there is none.
  [[nodiscard]] std::string_view operator[](std::string_view name) const noexcept;

  /// Returns how many fields there are; several of one name count each.
  [[nodiscard]] std::size_t size() const noexcept { return lines_.size(); }
  [[nodiscard]] bool empty() const noexcept { return lines_.empty(); }

  /// Iteration yields `Field`s in their order: `for (const auto [name, value] : headers)`.
  [[nodiscard]] const_iterator begin() const noexcept;
  [[nodiscard]] const_iterator end() const noexcept;

  /// Returns all fields as they go on the wire: `Name: value\r\n` each, without the blank line.
  [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), text_.size()}; }

 private:
  /// Where a line of `text_` begins; it ends where the next one begins.
  struct Line {
    std::size_t begin;
    std::size_t name_size;
  };

  [[nodiscard]] Field field(std::size_t index) const noexcept;
  [[nodiscard]] std::size_t line_end(std::size_t index) const noexcept {
    return index + 1 < lines_.size() ? lines_[index + 1].begin : text_.size();
  }
  void append(std::string_view name, std::string_view value);
  void append_and_grow(std::string_view name, std::string_view value, std::size_t size);

  TextBuffer text_;
  std::vector<Line> lines_;
};

/// Walks over the fields of a `Headers`. Fields are made when they are looked at, and so are
/// yielded by value. Whatever invalidates views into the object may also move what is pointed at.
class Headers::const_iterator {
 public:
  using iterator_concept = std::forward_iterator_tag;
  using iterator_category = std::input_iterator_tag;
  using value_type = Field;
  using difference_type = std::ptrdiff_t;
  using pointer = void;
  using reference = Field;

  const_iterator() = default;

  [[nodiscard]] Field operator*() const noexcept { return headers_->field(index_); }
  const_iterator& operator++() noexcept {
    ++index_;
    return *this;
  }
  const_iterator operator++(int) noexcept {
    const_iterator before = *this;
    ++index_;
    return before;
  }
  [[nodiscard]] bool operator==(const const_iterator&) const noexcept = default;

 private:
  friend class Headers;
  const_iterator(const Headers& headers, std::size_t index) noexcept
      : headers_(&headers), index_(index) {}

  const Headers* headers_ = nullptr;
  std::size_t index_ = 0;
};

// Inline, like the iterator, because every look-up takes many.
inline Headers::Field Headers::field(std::size_t index) const noexcept {
  constexpr std::size_t kSeparatorSize = 2;  // ": "
  constexpr std::size_t kLineEndSize = 2;
  const auto [begin, name_size] = lines_[index];
  const std::size_t value_begin = begin + name_size + kSeparatorSize;
  const char* const text = text_.data();
  return {{text + begin, name_size},
          {text + value_begin, line_end(index) - kLineEndSize - value_begin}};
}
inline Headers::const_iterator Headers::begin() const noexcept {
  return {*this, 0};
}
inline Headers::const_iterator Headers::end() const noexcept {
  return {*this, lines_.size()};
}

}  // namespace socketserver::http
