#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <socketserver/testing/faulty_stream.hpp>

#include "http/response_writer.hpp"
#include "response_outcome.hpp"

namespace socketserver::http {
namespace {

using ::socketserver::testing::FaultyStream;
using ::socketserver::testing::head;
using ::socketserver::testing::Outcome;
using ::socketserver::testing::outcome;
using ::socketserver::testing::write;
using Rules = ResponseWriter::Rules;

constexpr Rules kPlain{};
constexpr Rules kToHead{.head_request = true};
constexpr Rules kToHttp10{.chunks = false, .keep_alive = false, .client_is_http10 = true};

TEST(ResponseWriter, body_in_pieces_is_gathered) {
  const Outcome result = outcome(kPlain, [](ResponseWriter& writer) {
    writer.begin(head(200));
    for (const char letter : {'a', 'b', 'c'}) {
      EXPECT_FALSE(write(writer, std::string(5000, letter)));
    }
  });
  EXPECT_EQ(result.wire, "HTTP/1.1 200 Why\r\nContent-Length: 15000\r\n\r\n" +
                             std::string(5000, 'a') + std::string(5000, 'b') +
                             std::string(5000, 'c'));
}

TEST(ResponseWriter, several_parts_at_once) {
  const Outcome result = outcome(kPlain, [](ResponseWriter& writer) {
    writer.begin(head(200));
    const std::array<std::string_view, 3> parts = {"one ", "", "two"};
    EXPECT_EQ(writer.write_some(parts, Deadline::never()).n, 7);
  });
  EXPECT_EQ(result.wire, "HTTP/1.1 200 Why\r\nContent-Length: 7\r\n\r\none two");
}

TEST(ResponseWriter, flush_begins_chunks) {
  const Outcome result = outcome(kPlain, [](ResponseWriter& writer) {
    writer.begin(head(200));
    EXPECT_FALSE(write(writer, "first"));
    EXPECT_FALSE(writer.flush(Deadline::never()));
    EXPECT_FALSE(write(writer, ""));  // an empty chunk would be the last one
    EXPECT_FALSE(write(writer, "second"));
  });
  EXPECT_EQ(result.wire,
            "HTTP/1.1 200 Why\r\nTransfer-Encoding: chunked\r\n\r\n"
            "5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n");
}

TEST(ResponseWriter, flush_before_the_body_sends_the_head) {
  FaultyStream stream({});
  OutputBuffer out(stream, std::nullopt);
  ResponseWriter writer(out);
  writer.reset(kPlain);
  writer.begin(head(200));
  EXPECT_EQ(stream.output(), "");
  EXPECT_FALSE(writer.flush(Deadline::never()));
  EXPECT_EQ(stream.output(), "HTTP/1.1 200 Why\r\nTransfer-Encoding: chunked\r\n\r\n");
}

TEST(ResponseWriter, flush_for_a_client_without_chunks) {
  const Outcome result = outcome(kToHttp10, [](ResponseWriter& writer) {
    writer.begin(head(200));
    EXPECT_FALSE(write(writer, "first"));
    EXPECT_FALSE(writer.flush(Deadline::never()));
    EXPECT_FALSE(write(writer, "second"));
  });
  EXPECT_EQ(result.wire, "HTTP/1.1 200 Why\r\nConnection: close\r\n\r\nfirstsecond");
  EXPECT_FALSE(result.keeps_alive);
}

TEST(ResponseWriter, no_response_at_all) {
  const Outcome result = outcome(kPlain, [](ResponseWriter& writer) {
    EXPECT_FALSE(writer.begun());
    EXPECT_FALSE(writer.flush(Deadline::never()));
  });
  EXPECT_EQ(result.wire, "");
  EXPECT_TRUE(result.keeps_alive);
}

TEST(ResponseWriter, raw_bytes_leave_as_they_are) {
  for (const bool head_request : {false, true}) {
    const Outcome result = outcome({.head_request = head_request}, [](ResponseWriter& writer) {
      EXPECT_FALSE(write(writer, "raw "));
      EXPECT_TRUE(writer.begun());
      EXPECT_FALSE(write(writer, "bytes"));
      EXPECT_THROW(writer.begin(head(200)), std::logic_error);
    });
    EXPECT_EQ(result.wire, "raw bytes");
    EXPECT_FALSE(result.keeps_alive);
  }
}

TEST(ResponseWriter, interim_responses_come_first) {
  const Outcome result = outcome(kPlain, [](ResponseWriter& writer) {
    writer.interim(head(103, {{"Link", "x"}}));
    EXPECT_FALSE(writer.begun());
    writer.begin(head(200));
  });
  EXPECT_EQ(result.wire,
            "HTTP/1.1 103 Why\r\nLink: x\r\n\r\nHTTP/1.1 200 Why\r\nContent-Length: 0\r\n\r\n");
}

TEST(ResponseWriter, http09_has_no_interim_responses) {
  EXPECT_EQ(outcome({.http09 = true}, [](ResponseWriter& w) { w.interim(head(100)); }).wire, "");
}

TEST(ResponseWriter, second_response_is_misuse) {
  outcome(kPlain, [](ResponseWriter& writer) {
    writer.begin(head(200));
    EXPECT_THROW(writer.begin(head(200)), std::logic_error);
  });
}

TEST(ResponseWriter, body_longer_than_its_length_is_misuse) {
  for (const bool head_request : {false, true}) {
    const Outcome result = outcome({.head_request = head_request}, [](ResponseWriter& writer) {
      writer.begin(head(200, {{"Content-Length", "3"}}));
      EXPECT_FALSE(write(writer, "ab"));
      EXPECT_THROW(write(writer, "cd"), std::logic_error);
      EXPECT_FALSE(write(writer, "c"));
      EXPECT_THROW(write(writer, "d"), std::logic_error);
    });
    EXPECT_TRUE(result.wire.ends_with(head_request ? "\r\n\r\n" : "\r\n\r\nabc"));
  }
}

TEST(ResponseWriter, body_shorter_than_its_length_ends_the_connection) {
  const auto two_of_three = [](ResponseWriter& writer) {
    writer.begin(head(200, {{"Content-Length", "3"}}));
    EXPECT_FALSE(write(writer, "ab"));
  };
  EXPECT_FALSE(outcome(kPlain, two_of_three).keeps_alive);
  EXPECT_TRUE(outcome(kToHead, two_of_three).keeps_alive);
}

TEST(ResponseWriter, write_after_the_end_is_misuse) {
  FaultyStream stream({});
  OutputBuffer out(stream, std::nullopt);
  ResponseWriter writer(out);
  writer.reset(kPlain);
  writer.begin(head(200));
  EXPECT_FALSE(writer.end());
  EXPECT_FALSE(writer.end());
  EXPECT_THROW(write(writer, "late"), std::logic_error);
}

TEST(ResponseWriter, abandoned_response_takes_no_other_with_it) {
  FaultyStream stream({});
  OutputBuffer out(stream, std::nullopt);
  ResponseWriter writer(out);
  writer.reset(kPlain);
  writer.begin(head(200));
  EXPECT_FALSE(writer.end());
  EXPECT_TRUE(writer.keeps_alive());

  writer.reset(kPlain);
  writer.begin(head(500, {{"Content-Length", "9"}}));
  EXPECT_FALSE(write(writer, "failing"));
  writer.abandon();
  EXPECT_FALSE(writer.end());
  EXPECT_FALSE(writer.keeps_alive());
  EXPECT_FALSE(out.flush());
  EXPECT_EQ(stream.output(), "HTTP/1.1 200 Why\r\nContent-Length: 0\r\n\r\n");
}

TEST(ResponseWriter, next_response_begins_afresh) {
  FaultyStream stream({});
  OutputBuffer out(stream, std::nullopt);
  ResponseWriter writer(out);
  for (int i = 0; i < 2; ++i) {
    writer.reset(kPlain);
    writer.begin(head(200));
    EXPECT_FALSE(write(writer, "hi"));
    EXPECT_FALSE(writer.end());
  }
  EXPECT_FALSE(out.flush());
  const std::string one = "HTTP/1.1 200 Why\r\nContent-Length: 2\r\n\r\nhi";
  EXPECT_EQ(stream.output(), one + one);
}

class ResponseWriterFile : public ::testing::Test {
 protected:
  ResponseWriterFile() : file(std::tmpfile(), &std::fclose) {
    std::fputs("0123456789", file.get());
    std::fflush(file.get());
  }

  /// Sends ten bytes of the file, as often as it takes.
  void send_file(ResponseWriter& writer, std::uint64_t count = 10) {
    std::uint64_t sent = 0;
    while (sent < count) {
      const IoResult result =
          writer.send_file_some(::fileno(file.get()), sent, count - sent, Deadline::never());
      ASSERT_FALSE(result.ec);
      if (result.n == 0) return;
      sent += result.n;
    }
  }

  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file;
};

TEST_F(ResponseWriterFile, with_length) {
  const Outcome result = outcome(kPlain, [this](ResponseWriter& writer) {
    writer.begin(head(200, {{"Content-Length", "12"}}));
    EXPECT_FALSE(write(writer, "<"));
    send_file(writer);
    EXPECT_FALSE(write(writer, ">"));
  });
  EXPECT_TRUE(result.wire.ends_with("\r\n\r\n<0123456789>"));
  EXPECT_TRUE(result.keeps_alive);
}

TEST_F(ResponseWriterFile, without_length) {
  const Outcome result = outcome(kPlain, [this](ResponseWriter& writer) {
    writer.begin(head(200));
    send_file(writer);
  });
  EXPECT_EQ(result.wire, "HTTP/1.1 200 Why\r\nContent-Length: 10\r\n\r\n0123456789");
}

TEST_F(ResponseWriterFile, in_chunks) {
  const Outcome result = outcome(kPlain, [this](ResponseWriter& writer) {
    writer.begin(head(200));
    EXPECT_FALSE(writer.flush(Deadline::never()));
    send_file(writer);
  });
  EXPECT_TRUE(result.wire.ends_with("\r\n\r\na\r\n0123456789\r\n0\r\n\r\n"));
}

TEST_F(ResponseWriterFile, for_head) {
  const Outcome result = outcome(kToHead, [this](ResponseWriter& writer) {
    writer.begin(head(200, {{"Content-Length", "10"}}));
    send_file(writer);
  });
  EXPECT_TRUE(result.wire.ends_with("\r\n\r\n"));
}

TEST_F(ResponseWriterFile, longer_than_announced) {
  outcome(kPlain, [this](ResponseWriter& writer) {
    writer.begin(head(200, {{"Content-Length", "9"}}));
    EXPECT_THROW(send_file(writer), std::logic_error);
  });
}

TEST_F(ResponseWriterFile, shorter_than_announced) {
  const Outcome result = outcome(kPlain, [this](ResponseWriter& writer) {
    writer.begin(head(200, {{"Content-Length", "20"}}));
    send_file(writer, 20);
  });
  EXPECT_TRUE(result.wire.ends_with("\r\n\r\n0123456789"));
  EXPECT_FALSE(result.keeps_alive);
}

}  // namespace
}  // namespace socketserver::http
