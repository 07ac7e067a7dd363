#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include <socketserver/http/proto/upload_part.hpp>

namespace socketserver::http {
namespace {

using PartFields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

std::optional<UploadPart> part_of(const PartFields& fields) {
  Headers headers;
  for (const auto& [name, value] : fields) headers.add(name, value);
  return read_upload_part(headers);
}

void expect_part(const PartFields& fields, const UploadPart& wanted) {
  const auto part = part_of(fields);
  ASSERT_TRUE(part);
  EXPECT_EQ(part->offset, wanted.offset);
  EXPECT_EQ(part->end, wanted.end);
  EXPECT_EQ(part->total, wanted.total);
  EXPECT_EQ(part->last, wanted.last);
}

TEST(UploadPart, offset) {
  expect_part({{"Upload-Offset", "0"}}, {});
  expect_part({{"upload-offset", "9223372036854775807"}},
              {.offset = 9223372036854775807, .end = {}, .total = {}});
  expect_part({{"Upload-Offset", "5"}, {"Upload-Length", "7"}},
              {.offset = 5, .end = {}, .total = 7});
  expect_part({{"Upload-Offset", "7"}, {"Upload-Length", "7"}},
              {.offset = 7, .end = {}, .total = 7});
  expect_part({{"Upload-Offset", "5"}, {"Upload-Complete", "?1"}},
              {.offset = 5, .end = {}, .total = {}, .last = true});
  expect_part({{"Upload-Offset", "5"}, {"Upload-Complete", "?0"}},
              {.offset = 5, .end = {}, .total = {}});
}

TEST(UploadPart, content_range) {
  expect_part({{"Content-Range", "bytes 100-199/200"}}, {.offset = 100, .end = 200, .total = 200});
  expect_part({{"Content-Range", "Bytes 0-0/*"}}, {.offset = 0, .end = 1, .total = {}});
}

TEST(UploadPart, refused) {
  for (const PartFields& fields :
       std::initializer_list<PartFields>{{},
                                         {{"Upload-Offset", ""}},
                                         {{"Upload-Offset", "-1"}},
                                         {{"Upload-Offset", "+1"}},
                                         {{"Upload-Offset",
                                           "1 "
                                           "2"}},
                                         {{"Upload-Offset", "0x1"}},
                                         {{"Upload-Offset", "9223372036854775808"}},
                                         {{"Upload-Offset", "18446744073709551616"}},
                                         {{"Upload-Offset", "1"}, {"Upload-Offset", "1"}},
                                         {{"Upload-Offset", "8"}, {"Upload-Length", "7"}},
                                         {{"Upload-Offset", "1"}, {"Upload-Length", "x"}},
                                         {{"Upload-Offset", "1"}, {"Upload-Complete", "yes"}},
                                         {{"Upload-Offset", "1"}, {"Content-Range", "bytes 1-1/2"}},
                                         {{"Content-Range", ""}},
                                         {{"Content-Range", "bytes"}},
                                         {{"Content-Range", "bytes */5"}},
                                         {{"Content-Range", "lines 0-1/2"}},
                                         {{"Content-Range", "bytes 2-1/5"}},
                                         {{"Content-Range", "bytes 0-5/5"}},
                                         {{"Content-Range", "bytes 0-4/5/6"}},
                                         {{"Content-Range", "bytes 0-4"}},
                                         {{"Content-Range", "bytes  0-4/5"}}}) {
    EXPECT_FALSE(part_of(fields)) << (fields.size() == 0 ? "nothing" : fields.begin()->second);
  }
}

}  // namespace
}  // namespace socketserver::http
