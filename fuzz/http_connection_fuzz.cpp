// The input is four bytes of settings, then all that a client sends on a connection. A handler
// whose ways follow from the target serves it, several times: in one piece, byte by byte, with
// writes in pieces, reading every body or not, and until an operation fails. Each request has one
// answer, in order and framed so that a client finds its end; neither cuts nor what the handler
// reads change the requests; and written out again in the plainest way, they are the same.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <socketserver/base/error.hpp>
#include <socketserver/http/proto/chunked.hpp>
#include <socketserver/testing/faulty_stream.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "answer_reader.hpp"
#include "http/http1_connection.hpp"
#include "require.hpp"

namespace http = socketserver::http;
using socketserver::Deadline;
using socketserver::IoResult;
using socketserver::Limits;
using socketserver::testing::FaultyStream;
using Next = http::Http1Connection::Next;

namespace {

/// A request as the handler saw it.
struct Seen {
  std::string requestline;
  std::string headers;
  std::string body;
  bool whole_body = true;  // it was read to its end
  http::Framing framing = http::Framing::none;
  bool is_head = false;
  bool without_head = false;  // HTTP/0.9: so is its answer

  friend bool operator==(const Seen&, const Seen&) = default;
};

/// What a connection came to.
struct Course {
  std::vector<Seen> seen;
  int refusals = 0;
  bool refused_head_request = false;
  std::string output;
};

/// How a handler treats a request: it follows from the target, so that a replay does the same.
struct Ways {
  explicit Ways(std::string_view target) {
    unsigned sum = 0;
    for (const char c : target) sum = sum * 31 + static_cast<unsigned char>(c);
    reads = sum & 3;
    answers = sum >> 2 & 7;
  }

  unsigned reads = 0;
  unsigned answers = 0;
};

constexpr std::size_t kSmallRead = 3;

struct Settings {
  std::string_view protocol;
  Limits limits;
  bool reads_all = false;  // whatever the target says
};

class Handler {
 public:
  Handler(FaultyStream& stream, const Settings& settings)
      : stream_(stream),
        in_(stream),
        connection_(http::Http1Connection::take(in_, stream, settings.limits, std::nullopt)),
        settings_(settings) {}

  Course serve() {
    try {
      while (serve_one()) continue;
    } catch (const socketserver::OSError&) {
      connection_->abandon();
    }
    connection_->flush();
    if (course_.refusals > 0 || connection_->input_is_unread()) connection_->linger();
    course_.output = stream_.output();
    return std::move(course_);
  }

 private:
  bool serve_one() {
    const Next next = connection_->next();
    connection_->set_rules(settings_.protocol, false);
    if (next == Next::refused && connection_->error().status != 0) {
      course_.refused_head_request = connection_->request().method == "HEAD";
      refuse(connection_->error().status);
      connection_->end_response();
    }
    if (next != Next::request) return false;

    const http::RequestHead& head = connection_->request();
    const Ways ways(head.target);
    course_.seen.push_back({head.requestline,
                            std::string(head.headers.text()),
                            {},
                            true,
                            head.framing,
                            head.method == "HEAD",
                            head.version == "HTTP/0.9"});
    if (connection_->body_too_large()) {
      course_.seen.back().whole_body = false;
      refuse(413);
    } else {
      if (head.expect_continue && settings_.protocol == "HTTP/1.1") {
        connection_->send_interim({100, "Continue", {}});
      }
      if (read_body(ways)) answer(ways);
    }
    return connection_->finish(0);
  }

  /// False when the body was refused and that has been said.
  bool read_body(const Ways& ways) {
    Seen& seen = course_.seen.back();
    std::array<char, 16> block{};
    std::size_t most = ways.reads == 1 ? 0 : ways.reads == 2 ? kSmallRead : SIZE_MAX;
    if (settings_.reads_all) most = SIZE_MAX;
    while (seen.body.size() < most) {
      const std::size_t room = std::min(block.size(), most - seen.body.size());
      const IoResult result =
          connection_->request_body().read_some(std::span(block).first(room), Deadline::never());
      seen.body.append(block.data(), result.n);
      if (result.ec) {
        seen.whole_body = false;
        seen.body.clear();  // how much came before it broke is a matter of cuts
        if (connection_->body_failure_status() == 0) throw socketserver::OSError(result.ec, "read");
        refuse(connection_->body_failure_status());
        return false;
      }
      if (result.n == 0) return true;
    }
    seen.whole_body = seen.framing == http::Framing::none;
    return true;
  }

  void answer(const Ways& ways) {
    http::ResponseHead head{200, "OK", {}};
    std::string body = "answer " + number();
    switch (ways.answers) {
      case 1:
        head.headers.add("Content-Length", std::to_string(body.size()));
        break;
      case 2:
        body.append(17'000, 'x');
        break;
      case 3:
        head.status = 204;
        break;
      case 4:
        head.status = 304;
        break;
      case 5:
        head.status = 205;
        break;
      case 6:
        head.headers.add("Connection", "close");
        break;
      default:
        break;
    }
    begin(std::move(head));
    write(body);
  }

  void refuse(int status) {
    ++course_.refusals;
    connection_->close_after_response();
    begin({status, "Refused", {}});
    write("refusal " + number());
  }

  void begin(http::ResponseHead head) {
    head.headers.add("Number", number());
    connection_->begin_response(std::move(head));
  }

  void write(std::string_view body) {
    const std::string_view parts[] = {body};
    const IoResult result = connection_->response_body().write_some(parts, Deadline::never());
    if (result.ec) throw socketserver::OSError(result.ec, "write");
  }

  /// Of the request that is being answered, from 1 on; a refused head counts as one.
  std::string number() const {
    const bool of_head = connection_->error().status != 0;
    return std::to_string(course_.seen.size() + (of_head ? 1 : 0));
  }

  FaultyStream& stream_;
  socketserver::Reader in_;
  http::Http1Connection::Handle connection_;
  const Settings& settings_;
  Course course_;
};

Course serve(FaultyStream::Script script, const Settings& settings) {
  FaultyStream stream(std::move(script));
  return Handler(stream, settings).serve();
}

/// As `take_line`, where all of an answer must be there.
std::string_view take_whole_line(std::string_view& wire) {
  const auto line = take_line(wire);
  require(line.has_value(), "lines end in CRLF");
  return *line;
}

void drop(std::string_view& wire, std::size_t size) {
  require(size <= wire.size(), "nothing is announced that is not sent");
  wire.remove_prefix(size);
}

/// Takes an answer off `wire` the way a client finds its end; false when it says that it is the
/// last.
bool take_answer(std::string_view& wire, bool to_head, std::size_t expected_number) {
  const std::string_view status_line = take_whole_line(wire);
  require(status_line.starts_with("HTTP/1.") && status_line.size() > 12, "answers have heads");
  const std::size_t status = number_of(status_line.substr(9, 3));
  http::Headers headers;
  for (std::string_view line = take_whole_line(wire); !line.empty(); line = take_whole_line(wire)) {
    require(headers.add_line(line) == http::FieldError::none, "heads are lines of fields");
  }
  require(number_of(headers["Number"]) == expected_number, "answers are in the order of requests");

  const bool chunked = headers.contains("Transfer-Encoding");
  const auto length = headers.get("Content-Length");
  require(!chunked || !length, "there is one framing");
  const bool last = headers.has_token("Connection", "close") || status_line[7] == '0';
  if (status == 204 || status == 304) {
    require(!chunked && (!length || status == 304), "nothing is announced that cannot come");
  } else if (to_head) {
    return !last;
  } else if (chunked) {
    for (std::size_t size = 1; size > 0;) {
      size = number_of(take_whole_line(wire), 16);
      drop(wire, size);
      require(take_whole_line(wire).empty(), "chunks end in CRLF");
    }
  } else if (length) {
    require(status != 205 || *length == "0", "205 has no content");
    drop(wire, number_of(*length));
  } else {
    require(last, "who does not close says where the answer ends");
    wire = {};
  }
  return !last;
}

void check_answers(const Course& course) {
  std::string_view wire = course.output;
  bool goes_on = true;
  std::size_t number = 0;
  for (const Seen& seen : course.seen) {
    ++number;
    constexpr std::string_view kInterim = "HTTP/1.1 100 Continue\r\n\r\n";
    if (wire.starts_with(kInterim)) wire.remove_prefix(kInterim.size());
    if (wire.empty() && number == course.seen.size() && !seen.whole_body) return;  // it broke off
    require(goes_on, "no request is looked at behind the last answer");
    if (seen.without_head) {
      require(number == course.seen.size(), "HTTP/0.9 is the end of a connection");
      return;
    }
    goes_on = take_answer(wire, seen.is_head, number);
  }
  if (!wire.empty()) {
    require(goes_on && course.refusals == 1, "what else is there was refused");
    goes_on = take_answer(wire, course.refused_head_request, number + 1);
    require(!goes_on, "a refusal is the last answer");
  }
  require(wire.empty(), "there are no more answers than requests");
}

/// The same requests in the plainest form.
std::string rewritten(const std::vector<Seen>& requests) {
  std::string text;
  for (const Seen& seen : requests) {
    text += seen.requestline + "\r\n";
    const std::size_t end = seen.requestline.find_last_not_of(" \t") + 1;
    const bool says_version = seen.requestline.substr(0, end).ends_with("HTTP/0.9");
    if (seen.without_head && !says_version) continue;  // the line is all of it
    text += seen.headers + "\r\n";
    if (seen.framing != http::Framing::chunked) {
      text += seen.body;
    } else {
      if (!seen.body.empty()) text += http::chunk_header(seen.body.size()).view();
      if (!seen.body.empty()) text.append(seen.body).append(http::kChunkEnd);
      text += http::kLastChunk;
    }
  }
  return text;
}

Limits small_limits() {
  Limits limits;
  limits.request_line_bytes = 200;
  limits.header_bytes = 300;
  limits.header_count = 8;
  limits.body_bytes = 64;
  limits.lingering_bytes = 40;
  limits.keep_alive_requests = 6;
  return limits;
}

void check_other_cuts(const FaultyStream::Script& script, const Settings& settings,
                      const Course& whole) {
  const Course cut = serve(script, settings);
  require(cut.seen == whole.seen, "the requests do not depend on cuts");
  require(cut.output == whole.output, "nor do the answers");
}

void check_reset(const FaultyStream::Script& script, const Settings& settings,
                 const Course& whole) {
  const Course failed = serve(script, settings);
  require(failed.seen.size() <= whole.seen.size(), "a reset brings no request");
  for (std::size_t i = 0; i + 1 < failed.seen.size(); ++i) {
    require(failed.seen[i] == whole.seen[i], "nor another one");
  }
}

/// A handler that reads every body sees the requests that one sees who leaves some.
void check_reading(const Course& thorough, const Course& whole) {
  require(whole.seen.size() <= thorough.seen.size(), "what is left of a body is no request");
  for (std::size_t i = 0; i < whole.seen.size(); ++i) {
    require(whole.seen[i].requestline == thorough.seen[i].requestline, "nor a piece of one");
    require(whole.seen[i].headers == thorough.seen[i].headers, "nor of its headers");
  }
}

void check_rewritten(const Course& thorough, Settings settings) {
  const bool whole = std::all_of(thorough.seen.begin(), thorough.seen.end(),
                                 [](const Seen& seen) { return seen.whole_body; });
  if (!whole || thorough.refusals > 0) return;
  // Lines that ended in LF end in CRLF.
  settings.limits.header_bytes += 3 * settings.limits.header_count;
  settings.limits.request_line_bytes += 2;
  const Course again = serve({.input = rewritten(thorough.seen)}, settings);
  require(again.seen == thorough.seen, "written out again, requests are the same requests");
  require(again.output == thorough.output, "and get the same answers");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  const std::string sent(reinterpret_cast<const char*>(data) + 4, size - 4);
  const std::size_t read_piece = 1U + (data[0] >> 1U);
  const std::size_t cut = data[1];
  const std::size_t failing = data[2];
  const std::size_t write_piece = 1U + 16U * data[3];
  Settings settings{(data[0] & 1) != 0 ? "HTTP/1.0" : "HTTP/1.1", small_limits()};

  const Course whole = serve({.input = sent}, settings);
  check_answers(whole);
  check_other_cuts({.input = sent, .read_piece = 1}, settings, whole);
  check_other_cuts({.input = sent, .read_piece = read_piece, .cut = cut}, settings, whole);
  check_other_cuts({.input = sent, .cut = cut, .write_piece = write_piece}, settings, whole);
  if (failing > 0) {
    check_reset({.input = sent, .read_piece = read_piece, .failing_operation = failing}, settings,
                whole);
  }

  settings.reads_all = true;
  const Course thorough = serve({.input = sent}, settings);
  check_answers(thorough);
  check_reading(thorough, whole);
  check_rewritten(thorough, settings);
  return 0;
}
