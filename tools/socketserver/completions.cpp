#include "completions.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "help_formatter.hpp"

namespace socketserver::tool {
namespace {

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += between;
    text += word;
  }
  return text;
}

/// The names that an option goes by on the command line.
std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back('-' + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

/// The options of a command and of those below it, each once.
std::vector<const CLI::Option*> options_of(const CLI::App& command) {
  const auto own = command.get_options();
  std::vector<const CLI::Option*> options(own.begin(), own.end());
  for (const CLI::App* below : command.get_subcommands({})) {
    for (const CLI::Option* option : options_of(*below)) {
      const bool is_new = std::ranges::none_of(options, [&](const CLI::Option* known) {
        return known->get_name() == option->get_name();
      });
      if (is_new) options.push_back(option);
    }
  }
  return options;
}

/// The names of the commands below a command.
std::vector<std::string> names_below(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* below : command.get_subcommands({})) names.push_back(below->get_name());
  return names;
}

/// How bash completes the value of an option.
std::string bash_values(const CLI::Option& option) {
  if (const auto words = choices(option); !words.empty()) {
    return "compgen -W '" + joined(words, " ") + "' -- \"$current\"";
  }
  const std::string type = value_name(option);
  if (type == "FILE") return "compgen -f -- \"$current\"";
  if (type == "DIR") return "compgen -d -- \"$current\"";
  return {};
}

std::string bash_script(const CLI::App& program) {
  std::string names;
  std::string values;
  std::string words = "    '') words='";
  for (const CLI::App* command : program.get_subcommands({})) {
    names += (names.empty() ? "" : "|") + command->get_name();
    words += command->get_name() + ' ';
  }
  for (const CLI::Option* option : program.get_options()) {
    words += joined(names_of(*option), " ") + ' ';
  }
  words += "' ;;\n";
  for (const CLI::App* command : program.get_subcommands({})) {
    words += "    " + command->get_name() + ") words='";
    for (const std::string& below : names_below(*command)) words += below + ' ';
    for (const CLI::Option* option : options_of(*command)) {
      const auto all = names_of(*option);
      words += joined(all, " ") + ' ';
      const std::string how = bash_values(*option);
      if (all.empty() || how.empty()) continue;
      const std::string before = command->get_name() + ':';
      values +=
          "    " + before + joined(all, '|' + before) + ") COMPREPLY=($(" + how + ")); return ;;\n";
    }
    words += "' ;;\n";
  }
  return "# Completes socketserver in bash.\n"
         "_socketserver() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
         "  local word command= words=\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    case $word in " +
         names +
         ") command=$word; break ;; esac\n"
         "  done\n"
         "  case $command:$previous in\n" +
         values +
         "  esac\n"
         "  case $command in\n" +
         words +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
         "  if [[ $command == http && $current != -* ]]; then\n"
         "    COMPREPLY+=($(compgen -f -- \"$current\"))\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _socketserver socketserver\n";
}

/// `text` between single quotes, for zsh and fish.
std::string quoted(std::string_view text, bool is_spec) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
      continue;
    }
    if (is_spec && (c == '[' || c == ']' || c == ':')) out += '\\';
    out += c;
  }
  return out + '\'';
}

std::string zsh_option(const CLI::Option& option) {
  const std::string description = quoted(option.get_description(), true);
  std::string action;
  const std::string type = value_name(option);
  if (takes_value(option)) {
    action = ":" + quoted(type, true) + ':';
    if (const auto words = choices(option); !words.empty()) {
      action += quoted('(' + joined(words, " ") + ')', false);
    } else if (type == "FILE") {
      action += "_files";
    } else if (type == "DIR") {
      action += "'_files -/'";
    }
  }
  std::string text;
  for (const std::string& name : names_of(option)) {
    text += " \\\n        '*'" + name + (name.starts_with("--") && !action.empty() ? "=" : "") +
            "'['" + description + "']'" + action;
  }
  return text;
}

std::string zsh_script(const CLI::App& program) {
  std::string commands;
  std::string cases;
  for (const CLI::App* command : program.get_subcommands({})) {
    commands +=
        "    " + quoted(command->get_name() + ':' + command->get_description(), false) + '\n';
    cases += "    " + command->get_name() + ") _arguments -S";
    for (const CLI::Option* option : options_of(*command)) cases += zsh_option(*option);
    if (const auto below = names_below(*command); !below.empty()) {
      cases += " \\\n        '1:command:(" + joined(below, " ") + ")'";
    }
    if (command->get_name() == "http") cases += " \\\n        '1:what:_files'";
    cases += " ;;\n";
  }
  std::string top;
  for (const CLI::Option* option : program.get_options()) top += zsh_option(*option);
  return "#compdef socketserver\n"
         "# Completes socketserver in zsh.\n"
         "_socketserver() {\n"
         "  local curcontext=$curcontext state line\n"
         "  local -a commands=(\n" +
         commands +
         "  )\n"
         "  _arguments -C" +
         top +
         " \\\n        '1: :->command' '*:: :->arguments'\n"
         "  case $state in\n"
         "  command) _describe command commands ;;\n"
         "  arguments)\n"
         "    case $line[1] in\n" +
         cases +
         "    esac ;;\n"
         "  esac\n"
         "}\n"
         "_socketserver \"$@\"\n";
}

std::string fish_option(const CLI::Option& option, const std::string& condition) {
  std::string line = "complete -c socketserver -n " + quoted(condition, false);
  for (const std::string& name : option.get_snames()) line += " -s " + name;
  for (const std::string& name : option.get_lnames()) line += " -l " + name;
  if (option.get_snames().empty() && option.get_lnames().empty()) return {};
  const std::string type = value_name(option);
  if (takes_value(option)) {
    const auto words = choices(option);
    line += type == "FILE" || type == "DIR" ? " -r -F" : " -x";
    if (!words.empty()) line += " -a " + quoted(joined(words, " "), false);
  }
  return line + " -d " + quoted(option.get_description(), false) + '\n';
}

std::string fish_script(const CLI::App& program) {
  std::string text = "# Completes socketserver in fish.\n";
  for (const CLI::Option* option : program.get_options()) {
    text += fish_option(*option, "__fish_use_subcommand");
  }
  for (const CLI::App* command : program.get_subcommands({})) {
    text += "complete -c socketserver -f -n __fish_use_subcommand -a " + command->get_name() +
            " -d " + quoted(command->get_description(), false) + '\n';
    const std::string seen = "__fish_seen_subcommand_from " + command->get_name();
    for (const CLI::App* below : command->get_subcommands({})) {
      text += "complete -c socketserver -f -n " + quoted(seen, false) + " -a " + below->get_name() +
              " -d " + quoted(below->get_description(), false) + '\n';
    }
    for (const CLI::Option* option : options_of(*command)) {
      text += fish_option(*option, seen);
    }
  }
  return text;
}

}  // namespace

std::string completions(const CLI::App& program, const std::string& shell) {
  if (shell == "bash") return bash_script(program);
  return shell == "zsh" ? zsh_script(program) : fish_script(program);
}

}  // namespace socketserver::tool
