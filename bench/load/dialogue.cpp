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

/// GET requests, whose answers must be 200 with a length and the same body every time.
class HttpDialogue final : public Dialogue {
 public:
  explicit HttpDialogue(std::size_t pipeline) : pipeline_(pipeline) {
    for (std::size_t i = 0; i < pipeline; ++i)
      requests_ += "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  }

  std::string_view ask() override {
    unanswered_ = pipeline_;
    return requests_;
  }

  std::size_t hear(std::string_view bytes) override {
    received_ += bytes;
    std::string_view rest = received_;
    std::size_t answered = 0;
    while (const std::size_t size = first_response(rest)) {
      rest.remove_prefix(size);
      ++answered;
    }
    if (answered > unanswered_ || (answered == unanswered_ && !rest.empty())) {
      throw WrongReply("more comes back than was asked for");
    }
    unanswered_ -= answered;
    received_.erase(0, received_.size() - rest.size());
    return answered;
  }

 private:
  /// The size of the response that `text` begins with; 0 when it is not all there.
  std::size_t first_response(std::string_view text) {
    constexpr std::string_view kBlankLine = "\r\n\r\n";
    const std::size_t blank_line = text.find(kBlankLine);
    if (blank_line == text.npos) return 0;
    const std::string_view head = text.substr(0, blank_line);
    const std::size_t head_size = blank_line + kBlankLine.size();
    const std::size_t body_size = content_length(head);
    if (text.size() - head_size < body_size) return 0;

    const std::string_view body = text.substr(head_size, body_size);
    if (!head.starts_with("HTTP/1.1 200 ")) throw WrongReply("not 200: " + std::string(head));
    if (body_.empty()) body_ = body;
    if (body != body_) throw WrongReply("another body than before: " + std::string(body));
    return head_size + body_size;
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

  const std::size_t pipeline_;
  std::string requests_;
  std::size_t unanswered_ = 0;
  std::string received_;  ///< The beginning of a response.
  std::string body_;      ///< Of the first response.
};

}  // namespace

std::unique_ptr<Dialogue> make_dialogue(const Options& options, std::size_t connection) {
  if (options.workload == Workload::http) return std::make_unique<HttpDialogue>(options.pipeline);
  return std::make_unique<EchoDialogue>(options.payload, options.pipeline, connection);
}

}  // namespace socketserver::bench
