#include "config_file.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

#include <socketserver/base/error.hpp>

#include "arguments.hpp"
#include "help_formatter.hpp"

namespace socketserver::tool {
namespace {

/// What is said once, on the command line, and is no setting.
bool is_setting(const CLI::Option& option) {
  return option.get_configurable() && !option.get_lnames().empty();
}

/// What a switch is in a file that does not have it on.
constexpr const char* kOff = "false";

/// Whether it may stand without a value.
bool is_switch(const CLI::Option& option) {
  return option.get_items_expected_max() == 0;
}

/// Whether it has a list of values.
bool is_repeatable(const CLI::Option& option) {
  return option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
}

/// Its variable of the environment.
std::string variable_of(const CLI::Option& option) {
  std::string variable = "SOCKETSERVER_";
  for (const char c : option.get_lnames().front()) {
    variable += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return variable;
}

/// The lines of its variable, which are the values of a list; blank ones are none.
std::vector<std::string> values_in_environment(const CLI::Option& option) {
  std::vector<std::string> values;
  const char* const value = std::getenv(variable_of(option).c_str());
  std::istringstream lines(value == nullptr ? "" : value);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) values.push_back(line);
  }
  return values;
}

/// The name in the first line `name =`, which the parser cannot tell from `name = ""`; "" if there
/// is none.
std::string name_without_value(const std::string& file) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    line = CLI::detail::trim(line);
    const std::size_t equals = line.find('=');
    if (equals == line.npos) continue;
    const std::string name = CLI::detail::trim_copy(line.substr(0, equals));
    const std::string value = CLI::detail::trim_copy(line.substr(equals + 1));
    const bool is_name = std::ranges::all_of(
        name, [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; });
    if (is_name && (value.empty() || value.starts_with('#'))) return name;
  }
  return {};
}

/// Appends what gives `option` that value on the command line.
void append_argument(std::vector<std::string>& arguments, const CLI::Option& option,
                     const std::string& value) {
  const std::string name = "--" + option.get_lnames().front();
  if (!value.empty()) return arguments.push_back(name + '=' + value);
  // Behind an equals sign nothing would be taken for the next argument.
  arguments.push_back(name);
  arguments.push_back(value);
}

std::string in_config_quotes(const std::string& value) {
  const char quote = value.find('"') == value.npos ? '"' : '\'';
  return quote + value + quote;
}

/// The same for what needs no quotes in a switch.
std::string value_in_config(const CLI::Option& option, const std::string& value) {
  const bool is_bare = is_switch(option) && (value == kFlagAlone || value == kOff);
  return is_bare ? value : in_config_quotes(value);
}

std::string line_of(const CLI::Option& option) {
  const std::string name = option.get_lnames().front() + " = ";
  const std::vector<std::string> values = option.reduced_results();
  if (values.empty()) {
    const std::string initial = option.get_default_str();
    const bool is_off = is_switch(option) && initial.empty();
    return "# " + name + value_in_config(option, is_off ? kOff : initial);
  }
  if (values.size() == 1) return name + value_in_config(option, values.front());
  std::string list;
  for (const std::string& value : values) {
    list += (list.empty() ? "" : ", ") + in_config_quotes(value);
  }
  return name + '[' + list + ']';
}

}  // namespace

void add_environment(CLI::App& command) {
  for (CLI::Option* const option : command.get_options()) {
    if (is_setting(*option) && !is_repeatable(*option)) option->envname(variable_of(*option));
  }
}

std::vector<std::string> arguments_of_environment(const CLI::App& command) {
  std::vector<std::string> arguments;
  for (const CLI::Option* const option : command.get_options()) {
    if (!is_setting(*option) || !is_repeatable(*option) || option->count() > 0) continue;
    for (const std::string& value : values_in_environment(*option)) {
      append_argument(arguments, *option, value);
    }
  }
  return arguments;
}

std::vector<std::string> arguments_of_config(const std::string& file, const CLI::App& command) {
  const auto refuse = [&](const std::string& problem) {
    return CLI::ValidationError("--config", file + ": " + problem);
  };
  std::vector<std::string> arguments;
  if (!std::ifstream(file)) throw_os_error(last_error(), "open " + file);
  if (std::filesystem::is_directory(file)) {  // which has no lines, and can be opened
    throw_os_error(std::make_error_code(std::errc::is_a_directory), "read " + file);
  }
  const std::vector<CLI::ConfigItem> items = CLI::ConfigTOML().from_file(file);
  if (const std::string name = name_without_value(file); !name.empty()) {
    throw refuse(in_quotes(name) + " has no value");
  }
  for (const CLI::ConfigItem& item : items) {
    if (item.name == "++" || item.name == "--") continue;  // the borders of a section
    if (!item.parents.empty() && item.parents != std::vector{command.get_name()}) {
      throw refuse("no section may be called " + in_quotes(item.parents.front()));
    }
    const CLI::Option* const option = command.get_option_no_throw("--" + item.name);
    if (option == nullptr || !is_setting(*option)) {
      throw refuse("no option is called " + in_quotes(item.name));
    }
    if (option->count() > 0) continue;
    const bool is_list = is_repeatable(*option);
    if (is_list && !values_in_environment(*option).empty()) continue;
    for (const std::string& value : item.inputs) {
      if (value.empty() && is_list) continue;  // what the parser makes of []
      if (value.empty() && is_switch(*option)) {
        throw refuse(in_quotes(item.name) + " has no value");
      }
      if (is_switch(*option) && value == kOff && option->get_default_str().empty()) continue;
      if (is_switch(*option) && value == kFlagAlone) {
        arguments.push_back("--" + item.name);  // which may stand for another value
        continue;
      }
      append_argument(arguments, *option, value);
    }
  }
  return arguments;
}

std::string config_of(const CLI::App& command) {
  std::string text;
  for (const std::string& group : command.get_groups()) {
    const auto options = command.get_options([&](const CLI::Option* option) {
      return option->get_group() == group && is_setting(*option);
    });
    if (options.empty()) continue;
    text += (text.empty() ? "# " : "\n# ") + group + "\n\n";
    for (const CLI::Option* const option : options) text += line_of(*option) + '\n';
  }
  return text;
}

}  // namespace socketserver::tool
