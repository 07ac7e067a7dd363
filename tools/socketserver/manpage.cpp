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
.RI "echo|discard|daytime|time|chargen [" OPTIONS "] [" PORT ]
.br
.B socketserver xmlrpc call
.RI [ OPTIONS ]
.I URL METHOD
.RI [ ARG ...]
.br
.B socketserver xmlrpc list
.RI [ OPTIONS ]
.I URL
.SH DESCRIPTION
.B socketserver http
serves the files of a directory over HTTP/1.1 until Ctrl\-C.
Nothing outside the directory is ever served, nor are names that begin with a dot unless
.B \-\-hidden
says so.
The commands
.B echo
to
.B chargen
are the small services of RFC 862 to 868, over TCP, UDP and Unix sockets.
.PP
.B socketserver xmlrpc
calls methods of XML\-RPC servers over TCP and Unix sockets. An
.I ARG
is JSON, or text when it is no JSON; the result is printed as JSON.
)";

constexpr std::string_view kEnd = R"(.SH CONFIGURATION
Every long option of
.B http
can be given in a file
.RB ( \-\-config ),
a line each, such as
.IR "max\-body = \(dq1M\(dq" ,
and as a variable of the environment, such as
.BR SOCKETSERVER_MAX_BODY ;
.B SOCKETSERVER_CONFIG
names the file. Of an option that may come again each line of the variable is a value.
The command line goes before the environment, and that before the file.
.SH PROGRESS
When the log goes to a terminal, uploads and downloads of
.B http
that last longer than half a second show how far they are, on one line below it:
.PP
.nf
    2 transfers, 14.2 MB/s  big.iso 43 %  holidays.zip 120.4 MB
.fi
.PP
It is erased when they have ended. A body without a known length has its bytes instead of a share.
There is no such line with
.BR \-q ,
.BR \-\-log\-file ,
.BR \-\-syslog ,
.B \-\-journal
or
.BR "\-\-log\-format json" ,
when
.B NO_COLOR
is set or
.B TERM
is missing or
.BR dumb ,
and with the engines fork and prefork.
.SH SIGNALS
.TP
.B INT, TERM
Stop: idle connections close, answers under way have
.BR \-\-grace .
A second one cuts that short. With
.B \-\-shutdown\-delay
the first one only announces it, and the server goes on for so long or until the second.
.TP
.B USR1, HUP
Open
.B \-\-log\-file
anew.
With the engine prefork, HUP replaces the processes, too.
.SH EXIT STATUS
0 after a signal has ended the server, 1 when something could not be had, 2 when the arguments make no
sense.
.B xmlrpc
ends with 0 after a result, and with 1 after a fault.
.SH EXAMPLES
.nf
socketserver http ~/public 9000
socketserver http \-b 127.0.0.1 \-\-spa dist
socketserver http \-\-cgi \-\-cgi\-ext .php
socketserver http \-\-auth\-file users \-\-log\-format json
socketserver xmlrpc list unix:///run/supervisor.sock
socketserver xmlrpc call http://localhost:8000 pow 6 8
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

void append_options(std::string& out, const CLI::App& command, const std::string& name) {
  for (const std::string& group : command.get_groups()) {
    const auto options = command.get_options(
        [&](const CLI::Option* option) { return option->get_group() == group; });
    if (options.empty()) continue;
    out += ".SS \"" + escaped(name + ": " + group) + "\"\n";
    for (const CLI::Option* option : options) {
      out += ".TP\n\\fB" + escaped(usage_of(*option)) + "\\fR\n";
      out += escaped(description_of(*option)) + '\n';
    }
  }
}

/// @param name  the command's, with those of the commands that it belongs to.
void append_command(std::string& out, const CLI::App& command, const std::string& name) {
  append_options(out, command, name);
  for (const CLI::App* below : command.get_subcommands({})) {
    append_command(out, *below, name + ' ' + below->get_name());
  }
}

}  // namespace

std::string manpage(const CLI::App& program) {
  std::string page(kBegin);
  page += ".SH OPTIONS\n";
  append_options(page, program, program.get_name());
  for (const CLI::App* command : program.get_subcommands({})) {
    append_command(page, *command, command->get_name());
  }
  return page.append(kEnd);
}

}  // namespace socketserver::tool
