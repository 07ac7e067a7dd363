// The input is what a FastCGI application sends. Whatever it is, what is read of it must not depend
// on how it was cut; and what is sent to one must say what it was made of.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "http/proto/fastcgi_records.hpp"
#include "require.hpp"

namespace http = socketserver::http;
using Part = http::FastCGIReader::Part;

namespace {

struct Read {
  Part last = Part::need_more;
  std::string output;
  std::string errors;
  std::size_t taken = 0;
};

bool is_over(Part part) {
  return part == Part::end || part == Part::failed;
}

void feed(http::FastCGIReader& reader, std::string_view bytes, Read& read) {
  const std::size_t size = bytes.size();
  do {
    const std::size_t before = bytes.size();
    read.last = reader.next(bytes);
    if (read.last != Part::output && read.last != Part::errors) break;
    require(!reader.content().empty(), "content is some");
    require(bytes.size() < before, "content was taken");
    (read.last == Part::output ? read.output : read.errors) += reader.content();
  } while (true);
  require(read.last != Part::need_more || bytes.empty(), "all is taken before more is needed");
  read.taken += size - bytes.size();
}

void check_answer(std::string_view wire) {
  http::FastCGIReader reader;
  Read whole;
  feed(reader, wire, whole);
  require(whole.output.size() + whole.errors.size() <= wire.size(), "nothing is added");
  require((whole.last == Part::failed) == !reader.error().empty(), "only a failure has an error");

  http::FastCGIReader other;
  Read bytewise;
  for (std::size_t i = 0; i < wire.size() && !is_over(bytewise.last); ++i) {
    feed(other, wire.substr(i, 1), bytewise);
  }
  require(bytewise.last == whole.last, "the end does not depend on cuts");
  require(bytewise.output == whole.output, "nor does the output");
  require(bytewise.errors == whole.errors, "nor do the errors");
  require(bytewise.taken == whole.taken, "nor what is taken");
  require(other.error() == reader.error(), "nor the error");
  require(other.application_status() == reader.application_status(), "nor the status");
}

/// The content of the records of a type in `wire`, which must be records and nothing else.
std::string stream_of(char type, std::string_view wire) {
  constexpr std::size_t kHeader = 8;
  std::string content;
  while (!wire.empty()) {
    require(wire.size() >= kHeader && wire[0] == 1 && wire[3] == 1, "there is a header");
    const std::size_t size = static_cast<std::size_t>(static_cast<std::uint8_t>(wire[4])) << 8U |
                             static_cast<std::uint8_t>(wire[5]);
    require(wire.size() >= kHeader + size, "the content is there");
    if (wire[1] == type) content += wire.substr(kHeader, size);
    wire.remove_prefix(kHeader + size);
  }
  return content;
}

std::size_t take_size(std::string_view& pairs) {
  const auto byte = [&pairs](std::size_t i) {
    return static_cast<std::size_t>(static_cast<std::uint8_t>(pairs[i]));
  };
  require(!pairs.empty(), "there is a size");
  const std::size_t bytes = byte(0) < 0x80 ? 1 : 4;
  require(pairs.size() >= bytes, "all of the size is there");
  const std::size_t size =
      bytes == 1 ? byte(0) : (byte(0) & 0x7fU) << 24U | byte(1) << 16U | byte(2) << 8U | byte(3);
  pairs.remove_prefix(bytes);
  return size;
}

void check_request(std::string_view input) {
  std::map<std::string, std::string> variables;
  for (std::string_view rest = input; !rest.empty();) {
    const std::size_t line = std::min(rest.find('\n'), rest.size());
    const std::size_t equals = std::min(rest.substr(0, line).find('='), line);
    variables[std::string(rest.substr(0, equals))] =
        rest.substr(std::min(equals + 1, line), line - std::min(equals + 1, line));
    rest.remove_prefix(std::min(line + 1, rest.size()));
  }
  const std::string pairs_text = stream_of(4, http::fastcgi_request(variables));
  std::map<std::string, std::string> told;
  for (std::string_view pairs = pairs_text; !pairs.empty();) {
    const std::size_t name = take_size(pairs);
    const std::size_t value = take_size(pairs);
    require(pairs.size() >= name && pairs.size() - name >= value, "the pair is there");
    told[std::string(pairs.substr(0, name))] = pairs.substr(name, value);
    pairs.remove_prefix(name + value);
  }
  require(told == variables, "the application is told the variables");

  std::string wire;
  http::append_fastcgi_input(wire, input);
  require(input.empty() == wire.empty(), "only the end is an empty record");
  require(stream_of(5, wire) == input, "the application gets the body");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  check_answer(input);
  check_request(input);
  return 0;
}
