#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <socketserver/base/limits.hpp>

namespace socketserver::testing {

/// A line of a table in http_exchanges/: what a client sends, and what must come of it.
///
/// The tables are text. A line is one of
///
///     # a remark
///     server echo | server echo HTTP/1.0 | server files
///     limits name=number ...        (those of Limits; without any, the defaults again)
///     around TEXT@TEXT              (what stands around the middle cell of the rows that follow)
///     | name | what is sent | what comes of it |
///
/// In what is sent and in TEXT, `\r \n \t \0 \\ \xHH` are bytes and `{text*N}` is N times the text.
/// What comes of it: the statuses of all answers (0.9 for a body without a head), what becomes of
/// the connection, then checks of the last answer:
///
///     200 200 open; saw GET /a; saw POST /b hello; has Allow: GET; lacks ETag; body text
///
/// `open`: a further request is answered. `closed`: it is not. `ended`: none is sent, the client
/// ends its stream. The requests that the handler of `server echo` sees are those of `saw`, where
/// there is any, with method, path and body.
struct Exchange {
  enum class Fate { open, closed, ended };

  std::string name;  ///< Where it is and what it is about.
  std::string sent;
  std::vector<std::string> statuses;
  Fate fate = Fate::open;
  std::vector<std::string> saw;
  std::vector<std::string> has;
  std::vector<std::string> lacks;
  std::vector<std::string> body;

  bool files = false;  ///< Who answers: the handler of files, or the one that tells what it saw.
  std::string protocol = "HTTP/1.1";
  Limits limits;
};

/// Reads a table.
///
/// @throws std::runtime_error that names the line that is wrong.
std::vector<Exchange> read_exchanges(const std::filesystem::path& table);

}  // namespace socketserver::testing
