// The command line of `socketserver`: one subcommand for each kind of server, and a client.

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "help_formatter.hpp"
#include "help_options.hpp"
#include "http_command.hpp"
#include "service_command.hpp"
#include "services.hpp"
#include "xmlrpc_command.hpp"

namespace {

using namespace socketserver::tool;

constexpr const char* kVersion = "socketserver " SOCKETSERVER_VERSION;
constexpr const char* kVersionFlags = "-V,--version";
constexpr const char* kVersionHelp = "Show the version and exit";

constexpr int kFailed = 1;
constexpr int kUsageError = 2;

/// Parses the same arguments with others behind the name of the command. The parser wants them the
/// last one first.
void parse_again(CLI::App& program, std::vector<std::string> arguments,
                 const std::vector<std::string>& more) {
  const auto command = std::ranges::find(arguments, "http");
  arguments.insert(command + 1, more.begin(), more.end());
  std::ranges::reverse(arguments);
  program.parse(std::move(arguments));
}

/// What is opened later must not become a standard stream, for want of one: messages would go
/// there.
void open_standard_streams() {
  int fd = -1;
  do {
    fd = ::open("/dev/null", O_RDWR);
  } while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd >= 0) ::close(fd);
}

}  // namespace

int main(int argc, char** argv) {
  open_standard_streams();
  CLI::App program("Network servers on the command line.", "socketserver");
  // Subcommands inherit the help flag, not the version's.
  program.set_help_flag("-h,--help", "Show this help and exit");
  program.set_version_flag(kVersionFlags, kVersion, kVersionHelp);
  program.formatter(std::make_shared<HelpFormatter>());
  HttpCommand http(program);
  std::deque<ServiceCommand> commands;  // in which they stay where they are
  for (const Service& service : services()) commands.emplace_back(program, service);
  XMLRPCCommand xmlrpc(program);
  for (CLI::App* command : program.get_subcommands({})) {
    command->set_version_flag(kVersionFlags, kVersion, kVersionHelp);
    command->get_version_ptr()->configurable(false)->group(command->get_help_ptr()->get_group());
  }
  add_generators(program, program);

  try {
    program.parse(argc, argv);
    if (const auto more = http.more_arguments(); !more.empty()) {
      parse_again(program, {argv + 1, argv + argc}, more);
    }
    if (http.chosen()) return http.run();
    for (const ServiceCommand& command : commands) {
      if (command.chosen()) return command.run();
    }
    if (xmlrpc.chosen()) return xmlrpc.run();
    std::cerr << program.help();
    return kUsageError;
  } catch (const CLI::Success& help_or_version) {
    return program.exit(help_or_version);
  } catch (const CLI::ParseError& error) {
    std::cerr << "socketserver: " << error.what() << " (see --help)\n";
    return kUsageError;
  } catch (const std::exception& error) {
    std::cerr << "socketserver: " << error.what() << '\n';
    return kFailed;
  }
}
