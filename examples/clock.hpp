#pragma once

// What the clock's servers and clients have agreed upon.

#include <cstddef>
#include <ctime>
#include <string>

namespace example {

/// A question is exactly so many bytes long, padded with blanks.
inline constexpr std::size_t kQuestionSize = 25;

inline std::string clock_question() {
  std::string question = "What is the time?";
  question.resize(kQuestionSize, ' ');
  return question;
}

/// `time.ctime()`: "Sun Apr  4 18:16:14 2010", always 24 bytes.
inline std::string ctime(std::time_t time) {
  std::tm parts{};
  ::localtime_r(&time, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%a %b %e %H:%M:%S %Y", &parts)};
}

}  // namespace example
