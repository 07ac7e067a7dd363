#pragma once

#include <string>
#include <string_view>

#include <socketserver/http/cgi_handler.hpp>
#include <socketserver/server/handler.hpp>

#include "temporary_tree.hpp"

namespace socketserver::testing {

/// A directory with a `cgi-bin` for a test to put scripts into.
class CGISite : public TemporaryTree {
 public:
  CGISite() { directory("cgi-bin"); }

  /// A script for /bin/sh that may be run: "cgi-bin/x.sh".
  void script(std::string_view name, std::string_view commands) const {
    file(name, "#!/bin/sh\n" + std::string(commands));
    mode(name, 0755);
  }

  /// As `script`; the commands write what follows a head of plain text.
  void text_script(std::string_view name, std::string_view commands) const {
    script(name, "echo 'Content-Type: text/plain'\necho\n" + std::string(commands));
  }

  /// A script that writes its arguments and its environment, a line each: "ARGS=1:a", "PATH=…".
  void environment_script(std::string_view name = "cgi-bin/env.sh") const {
    text_script(name, "echo \"ARGS=$#:$*\"\necho \"CWD=$(pwd)\"\nenv\n");
  }

  /// Serves it.
  StreamHandler handler(CGIHTTPOptions options = {}) const {
    options.files.directory = path();
    return socketserver::handler<CGIHTTPRequestHandler>(std::move(options));
  }
};

/// The value of "NAME=value" among lines; "(unset)" without such a line.
inline std::string variable(std::string_view lines, std::string_view name) {
  const std::string wanted = '\n' + std::string(name) + '=';
  const std::string text = '\n' + std::string(lines) + '\n';
  const auto at = text.find(wanted);
  if (at == text.npos) return "(unset)";
  const auto begin = at + wanted.size();
  return text.substr(begin, text.find('\n', begin) - begin);
}

}  // namespace socketserver::testing
