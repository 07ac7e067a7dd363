#include "progress_text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

namespace socketserver::tool {
namespace {

// The end of a longer name, its suffix, says more than its middle.
constexpr std::size_t kNameColumns = 30;
constexpr std::size_t kNameEndColumns = 8;
constexpr std::string_view kElision = "...";

/// "14.2 MB", in units of 1000.
std::string bytes_text(double bytes) {
  constexpr std::array kUnits = {"B", "kB", "MB", "GB", "TB"};
  constexpr double kStep = 1000;
  std::size_t unit = 0;
  while (bytes >= kStep && unit + 1 < kUnits.size()) {
    bytes /= kStep;
    ++unit;
  }
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", bytes, kUnits[unit]);
  return text.data();
}

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) != 0x80;
}

/// At most so many columns does a character take that begins with this byte: those outside ASCII
/// may take two.
std::size_t columns_of(char c) {
  if (!begins_character(c)) return 0;
  return static_cast<unsigned char>(c) < 0x80 ? 1 : 2;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (const char c : text) columns += columns_of(c);
  return columns;
}

/// The longest begin of `text` that takes no more columns.
std::string_view begin_of(std::string_view text, std::size_t columns) {
  std::size_t end = 0;
  for (; end < text.size(); ++end) {
    const std::size_t more = columns_of(text[end]);
    if (more > columns) break;
    columns -= more;
  }
  return text.substr(0, end);
}

std::string_view end_of(std::string_view text, std::size_t columns) {
  std::size_t begin = text.size();
  for (std::size_t i = text.size(); i > 0; --i) {
    const std::size_t more = columns_of(text[i - 1]);
    if (more > columns) break;
    columns -= more;
    if (begins_character(text[i - 1])) begin = i - 1;
  }
  return text.substr(begin);
}

std::string shortened(std::string_view name) {
  if (columns_of(name) <= kNameColumns) return std::string(name);
  const std::size_t room = kNameColumns - kNameEndColumns - kElision.size();
  return std::string(begin_of(name, room)).append(kElision).append(end_of(name, kNameEndColumns));
}

std::string state_text(const TransferState& transfer) {
  std::string text = "  " + shortened(transfer.name) + ' ';
  if (!transfer.total) return text + bytes_text(static_cast<double>(transfer.done));
  const double share = transfer.total == 0 ? 1
                                           : static_cast<double>(transfer.done) /
                                                 static_cast<double>(*transfer.total);
  return text + std::to_string(static_cast<int>(std::min(share, 1.0) * 100)) + " %";
}

}  // namespace

std::string progress_text(std::span<const TransferState> transfers, double rate,
                          std::size_t width) {
  if (transfers.empty() || width == 0) return {};
  std::string text = std::to_string(transfers.size()) +
                     (transfers.size() == 1 ? " transfer, " : " transfers, ") + bytes_text(rate) +
                     "/s";
  std::size_t columns = text.size();
  // A terminal that writes in its last column may go on to the next line, which nobody erases.
  if (columns >= width) return text.substr(0, width - 1);
  for (const TransferState& transfer : transfers) {
    const std::string state = state_text(transfer);
    columns += columns_of(state);
    if (columns >= width) break;
    text += state;
  }
  return text;
}

}  // namespace socketserver::tool
