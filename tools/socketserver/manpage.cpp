#include "manpage.hpp"

#include <string_view>

#include "help_formatter.hpp"

namespace socketserver::tool {
namespace {

constexpr std::string_view kBegin =
    R"(.TH SOCKETSERVER 1 "" "socketserver )" SOCKETSERVER_VERSION R"(" "User Commands"
.SH NAME
socketserver \- network servers on the command line
.SH SYNOPSIS
.B socketserver http
.RI [ OPTIONS ]
.RI [ PATH | PORT ]
.br
.B socketserver
.RI "echo|discard|daytime|time|chargen [" OPTIONS ]
.SH DESCRIPTION
.B socketserver http
serves the files of a directory over HTTP/1.1 until Ctrl\-C.
Nothing outside the directory is ever served, nor are names that begin with a dot unless
.B \-\-hidden
says so.
The other commands are the small services of RFC 862 to 868, over TCP, UDP and Unix sockets.
)";

constexpr std::string_view kEnd = R"(.SH CONFIGURATION
Every long option of
.B http
can be given in a file
.RB ( \-\-config ),
a line each, such as
.IR "max\-body = \(dq1M\(dq" ,
and as a variable of the environment, such as
.BR SOCKETSERVER_MAX_BODY .
The command line goes before the environment, and that before the file.
.SH SIGNALS
.TP
.B INT, TERM
Stop: idle connections close, answers under way have
.BR \-\-grace .
A second one cuts that short.
.TP
.B USR1, HUP
Open
.B \-\-log\-file
anew.
With the engine prefork, HUP replaces the processes, too.
.SH EXIT STATUS
0 after a signal has ended the server, 1 when something could not be had, 2 when the arguments make no
sense.
.SH EXAMPLES
.nf
socketserver http ~/public 9000
socketserver http \-b 127.0.0.1 \-\-spa dist
socketserver http \-\-cgi \-\-cgi\-ext .php
socketserver http \-\-auth\-file users \-\-log\-format json
.fi
)";

/// Text that means nothing to troff.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) {
      out += "\\&";
      out += c;
    } else {
      out += c;
    }
  }
  return out;
}

void append_options(std::string& out, const CLI::App& command) {
  for (const std::string& group : command.get_groups()) {
    const auto options = command.get_options(
        [&](const CLI::Option* option) { return option->get_group() == group; });
    if (options.empty()) continue;
    out += ".SS \"" + escaped(command.get_name() + ": " + group) + "\"\n";
    for (const CLI::Option* option : options) {
      out += ".TP\n\\fB" + escaped(usage_of(*option)) + "\\fR\n";
      out += escaped(description_of(*option)) + '\n';
    }
  }
}

}  // namespace

std::string manpage(const CLI::App& program) {
  std::string page(kBegin);
  page += ".SH OPTIONS\n";
  append_options(page, program);
  for (const CLI::App* command : program.get_subcommands({})) append_options(page, *command);
  return page.append(kEnd);
}

}  // namespace socketserver::tool
