#include "load/dialogue.hpp"

#include <charconv>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace socketserver::bench {
namespace {

constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz";

/// Lines or datagrams that come back as they are.
class EchoDialogue final : public Dialogue {
 public:
  EchoDialogue(std::size_t payload, std::size_t pipeline, std::size_t connection)
      : payload_(payload), next_letter_(connection % kAlphabet.size()) {
    lines_.resize(payload * pipeline);
    while (letters_.size() < payload + kAlphabet.size()) letters_ += kAlphabet;
  }

  std::string_view ask() override {
    // Every line begins with another letter, so that a late or a strange one is noticed.
    for (std::size_t line = 0; line < lines_.size(); line += payload_) {
      std::memcpy(&lines_[line], &letters_[next_letter_], payload_ - 1);
      lines_[line + payload_ - 1] = '\n';
      next_letter_ = (next_letter_ + 1) % kAlphabet.size();
    }
    heard_ = 0;
    return lines_;
  }

  std::size_t hear(std::string_view bytes) override {
    if (!std::string_view(lines_).substr(heard_).starts_with(bytes)) {
      throw WrongReply("the reply is not what was sent, from byte " + std::to_string(heard_) +
                       " on: \"" + std::string(bytes) + '"');
    }
    const std::size_t answered_before = heard_ / payload_;
    heard_ += bytes.size();
    return heard_ / payload_ - answered_before;
  }

 private:
  const std::size_t payload_;
  std::size_t next_letter_;
  std::string letters_;    ///< The alphabet, often enough to cut a line from any letter on.
  std::string lines_;      ///< As sent, and as expected back.
  std::size_t heard_ = 0;  ///< Bytes of `lines_` that have come back.
};

std::size_t count_of(std::string_view part, std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) {
    ++count;
  }
  return count;
}

/// GET or POST requests, whose answers must be 200 with a length and the body that is expected: the
/// given one, or that of the first answer, which must hold what every answer has to.
class HttpDialogue final : public Dialogue {
 public:
  explicit HttpDialogue(const Options& options)
      : pipeline_(options.pipeline),
        part_(options.body_part),
        parts_(options.body_parts),
        body_(options.body),
        knows_body_(!options.body.empty()) {
    const bool is_post = !options.post.empty();
    std::string fields = "Host: localhost\r\n";
    if (options.workload == Workload::http_close) fields += "Connection: close\r\n";
    if (is_post) {
      fields += "Content-Type: text/xml\r\nContent-Length: " + std::to_string(options.post.size()) +
                "\r\n";
    }
    for (std::size_t i = 0; i < pipeline_; ++i) {
      requests_.append(is_post ? "POST " : "GET ").append(options.target).append(" HTTP/1.1\r\n");
      requests_.append(fields).append("\r\n").append(options.post);
    }
  }

  std::string_view ask() override {
    unanswered_ = pipeline_;
    return requests_;
  }

  std::size_t hear(std::string_view bytes) override {
    std::size_t answered = 0;
    while (!bytes.empty()) {
      if (unanswered_ == 0) throw WrongReply("more comes back than was asked for");
      bytes.remove_prefix(is_in_body_ ? hear_body(bytes) : hear_head(bytes));
      if (!is_in_body_ || heard_ < body_size_) continue;
      is_in_body_ = false;
      if (!knows_body_) check_parts();
      knows_body_ = true;
      --unanswered_;
      ++answered;
    }
    return answered;
  }

 private:
  /// Takes bytes of a head, at most up to its end; returns how many.
  std::size_t hear_head(std::string_view bytes) {
    constexpr std::string_view kBlankLine = "\r\n\r\n";
    const std::size_t size_before = head_.size();
    head_ += bytes;
    const std::size_t end = head_.find(kBlankLine);
    if (end == head_.npos) return bytes.size();

    head_.resize(end);
    if (!head_.starts_with("HTTP/1.1 200 ")) throw WrongReply("not 200: " + head_);
    body_size_ = content_length(head_);
    if (knows_body_ && body_size_ != body_.size()) {
      throw WrongReply("another length than " + std::to_string(body_.size()) + ": " + head_);
    }
    head_.clear();
    heard_ = 0;
    is_in_body_ = true;
    return end + kBlankLine.size() - size_before;
  }

  /// Likewise with a body.
  std::size_t hear_body(std::string_view bytes) {
    bytes = bytes.substr(0, body_size_ - heard_);
    if (!knows_body_) {
      body_ += bytes;
    } else if (!std::string_view(body_).substr(heard_).starts_with(bytes)) {
      throw WrongReply("another body than expected, from byte " + std::to_string(heard_) +
                       " on: " + std::string(bytes.substr(0, kQuoted)));
    }
    heard_ += bytes.size();
    return bytes.size();
  }

  /// Of the first body; the others are compared with it.
  void check_parts() const {
    if (part_.empty() || count_of(part_, body_) == parts_) return;
    throw WrongReply("not " + std::to_string(parts_) + " times \"" + part_ +
                     "\" in the body: " + body_.substr(0, kQuoted));
  }

  static std::size_t content_length(std::string_view head) {
    constexpr std::string_view kName = "\r\ncontent-length:";
    for (std::size_t start = head.find('\r'); start != head.npos;
         start = head.find('\r', start + 1)) {
      const std::string_view line = head.substr(start);
      if (line.size() < kName.size() ||
          ::strncasecmp(line.data(), kName.data(), kName.size()) != 0) {
        continue;
      }
      const std::size_t digits = line.find_first_not_of(' ', kName.size());
      std::size_t length = 0;
      if (digits != line.npos &&
          std::from_chars(line.data() + digits, line.data() + line.size(), length).ec ==
              std::errc{}) {
        return length;
      }
    }
    throw WrongReply("no Content-Length: " + std::string(head));
  }

  static constexpr std::size_t kQuoted = 100;  ///< Bytes of a wrong body that a complaint shows.

  const std::size_t pipeline_;
  const std::string part_;
  const std::size_t parts_;
  std::string requests_;
  std::size_t unanswered_ = 0;
  std::string head_;           ///< The beginning of one.
  bool is_in_body_ = false;    ///< What comes next.
  std::size_t body_size_ = 0;  ///< Of the response that is being heard,
  std::size_t heard_ = 0;      ///< and how much of it has come.
  std::string body_;           ///< As expected.
  bool knows_body_;            ///< Otherwise the first one is being learnt.
};

}  // namespace

std::unique_ptr<Dialogue> make_dialogue(const Options& options, std::size_t connection) {
  if (is_http(options.workload)) return std::make_unique<HttpDialogue>(options);
  return std::make_unique<EchoDialogue>(options.payload, options.pipeline, connection);
}

}  // namespace socketserver::bench
