#include "response_outcome.hpp"

#include <gtest/gtest.h>

#include <socketserver/testing/faulty_stream.hpp>

namespace socketserver::testing {

http::ResponseHead head(int status, const Fields& fields) {
  http::ResponseHead head;
  head.status = status;
  head.reason = "Why";
  for (const auto& [name, value] : fields) head.headers.add(name, value);
  return head;
}

std::error_code write(http::ResponseWriter& writer, std::string_view text) {
  const IoResult result = writer.write_some({&text, 1}, Deadline::never());
  EXPECT_EQ(result.n, result.ec ? 0 : text.size());
  return result.ec;
}

Outcome outcome(const http::ResponseWriter::Rules& rules,
                const std::function<void(http::ResponseWriter&)>& respond) {
  FaultyStream stream({});
  http::OutputBuffer out(stream, std::nullopt);
  http::ResponseWriter writer(out);
  writer.reset(rules);
  respond(writer);
  EXPECT_FALSE(writer.end());
  EXPECT_FALSE(out.flush());
  return {stream.output(), writer.keeps_alive()};
}

}  // namespace socketserver::testing
