// The input is what a peer wrote into a dateTime.iso8601.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <socketserver/xmlrpc/codec/date_time.hpp>
#include <string_view>

#include "require.hpp"

namespace xmlrpc = socketserver::xmlrpc;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const xmlrpc::DateTime read(std::string_view(reinterpret_cast<const char*>(data), size));
  const auto local = read.local_time();
  const auto utc = read.utc_time();
  require(local.has_value() == utc.has_value(), "a time has a zone, or is taken for UTC");
  require(xmlrpc::DateTime(read.text()) == read, "the text is kept as it is");
  if (!local) return 0;

  const std::chrono::seconds offset = local->time_since_epoch() - utc->time_since_epoch();
  require(std::chrono::abs(offset) < std::chrono::days(1), "an offset is shorter than a day");

  const xmlrpc::DateTime written(*local);
  require(written.text().size() == std::string_view("20050210T11:41:23").size(), "one form");
  require(written.local_time() == local, "what was written is read as the same time");
  require(written.utc_time()->time_since_epoch() == local->time_since_epoch(), "and has no zone");
  return 0;
}
