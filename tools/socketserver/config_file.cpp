#include "config_file.hpp"

#include <algorithm>
#include <cctype>

#include "arguments.hpp"
#include "help_formatter.hpp"

namespace socketserver::tool {
namespace {

/// What is said once, on the command line, and is no setting.
bool is_setting(const CLI::Option& option) {
  return option.get_configurable() && !option.get_lnames().empty();
}

std::string in_config_quotes(const std::string& value) {
  const char quote = value.find('"') == value.npos ? '"' : '\'';
  return quote + value + quote;
}

std::string line_of(const CLI::Option& option) {
  const std::string name = option.get_lnames().front() + " = ";
  const std::vector<std::string>& values = option.results();
  if (values.empty()) return "# " + name + in_config_quotes(option.get_default_str());
  if (values.size() == 1) return name + in_config_quotes(values.front());
  std::string list;
  for (const std::string& value : values) {
    list += (list.empty() ? "" : ", ") + in_config_quotes(value);
  }
  return name + '[' + list + ']';
}

}  // namespace

void add_environment(CLI::App& command) {
  for (CLI::Option* const option : command.get_options()) {
    if (!is_setting(*option)) continue;
    std::string variable = "SOCKETSERVER_";
    for (const char c : option->get_lnames().front()) {
      variable += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    option->envname(variable);
  }
}

std::vector<std::string> arguments_of_config(const std::string& file, const CLI::App& command) {
  const auto refuse = [&](const std::string& problem) {
    return CLI::ValidationError("--config", file + ": " + problem);
  };
  std::vector<std::string> arguments;
  for (const CLI::ConfigItem& item : CLI::ConfigTOML().from_file(file)) {
    if (item.name == "++" || item.name == "--") continue;  // the borders of a section
    if (!item.parents.empty() && item.parents != std::vector{command.get_name()}) {
      throw refuse("no section may be called " + in_quotes(item.parents.front()));
    }
    const CLI::Option* const option = command.get_option_no_throw("--" + item.name);
    if (option == nullptr || !is_setting(*option)) {
      throw refuse("no option is called " + in_quotes(item.name));
    }
    if (option->count() > 0) continue;
    for (const std::string& value : item.inputs) {
      arguments.push_back("--" + item.name + '=' + value);
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
