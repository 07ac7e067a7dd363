#include "help_options.hpp"

#include <iostream>

#include "completions.hpp"
#include "manpage.hpp"
#include "qr_code.hpp"

namespace socketserver::tool {

HelpOptions::HelpOptions(CLI::App& command) {
  command.add_option("--config", config_, "File with options: lines such as port = 9000")
      ->type_name("FILE")
      ->envname("SOCKETSERVER_CONFIG")
      ->configurable(false);
  command.add_flag("--print-config", print_config_, "Print all options as such a file, and exit")
      ->configurable(false);
  command.add_flag("--check-config", check_config_, "Say whether all makes sense, and exit")
      ->configurable(false);
  command.add_flag("--open", open_, "Show it in the browser");
  if (has_qr_codes()) command.add_flag("--qr", qr_, "Print the address as a QR code");
}

void HelpOptions::require_url(bool has_url) const {
  if (has_url || (!open_ && !qr_)) return;
  throw CLI::ValidationError(open_ ? "--open" : "--qr",
                             "a server that has Unix sockets only has no address for browsers");
}

void add_generators(CLI::App& command, const CLI::App& program) {
  command
      .add_option_function<std::string>(
          "--completions",
          [&program](const std::string& shell) {
            std::cout << completions(program, shell);
            throw CLI::Success();
          },
          "Print what completes the command line, and exit")
      ->type_name("SHELL")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->configurable(false);
  command
      .add_flag_callback(
          "--print-manpage",
          [&program] {
            std::cout << manpage(program);
            throw CLI::Success();
          },
          "Print the manual page, and exit")
      ->configurable(false);
}

}  // namespace socketserver::tool
