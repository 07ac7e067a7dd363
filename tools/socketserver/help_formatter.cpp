#include "help_formatter.hpp"

#include <algorithm>
#include <string_view>

namespace socketserver::tool {
namespace {

constexpr std::size_t kColumn = 34;
constexpr std::size_t kWidth = 100;

/// Appends the words of `text`, in lines that begin at kColumn.
void append_wrapped(std::string& out, std::string_view text) {
  std::size_t at = kColumn;
  for (bool first = true; !text.empty(); first = false) {
    const std::size_t size = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, size);
    text.remove_prefix(std::min(size + 1, text.size()));
    if (!first && at + 1 + word.size() > kWidth) {
      out += '\n' + std::string(kColumn, ' ');
      at = kColumn;
    } else if (!first) {
      out += ' ';
      ++at;
    }
    out += word;
    at += word.size();
  }
}

}  // namespace

std::string HelpFormatter::make_help(const CLI::App* app, std::string name,
                                     CLI::AppFormatMode mode) const {
  if (mode == CLI::AppFormatMode::Sub) return make_expanded(app);
  const std::string footer = make_footer(app);
  return make_description(app) + make_usage(app, std::move(name)) + make_positionals(app) +
         options_by_group(*app) + make_subcommands(app, mode) + footer;
}

std::string HelpFormatter::options_by_group(const CLI::App& app) const {
  // The option that everybody knows comes first, but its group last.
  constexpr std::string_view kLast = "Help";
  auto groups = app.get_groups();
  std::ranges::stable_partition(groups, [&](const auto& group) { return group != kLast; });
  std::string text;
  for (const std::string& group : groups) {
    const auto options = app.get_options([&](const CLI::Option* option) {
      return option->get_group() == group && option->nonpositional();
    });
    if (options.empty()) continue;
    text += '\n' + group + ":\n";
    for (const CLI::Option* option : options) text += make_option(option, false);
  }
  return text;
}

std::string HelpFormatter::make_option_usage(const CLI::Option* option) const {
  const std::string& name = option->get_single_name();
  if (option->get_required()) return name;
  return '[' + name + (option->get_expected_max() > 1 ? "...]" : "]");
}

bool takes_value(const CLI::Option& option) {
  const std::string value = value_name(option);
  return !value.empty() && !value.starts_with('[') && option.get_expected_max() != 0;
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool is_positional) const {
  std::string out = "  ";
  const bool has_short_name = !option->get_snames().empty() || is_positional;
  if (!has_short_name) out += "    ";
  out += usage_of(*option);
  if (out.size() + 2 > kColumn) {
    out += '\n' + std::string(kColumn, ' ');
  } else {
    out.resize(kColumn, ' ');
  }
  append_wrapped(out, description_of(*option));
  return out + '\n';
}

std::string value_name(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  return type.substr(0, std::min(type.find(":{"), type.size()));
}

std::vector<std::string> choices(const CLI::Option& option) {
  // What a check for membership has to say is a part of the type's name.
  const std::string type = option.get_type_name();
  const std::size_t begin = type.find(":{");
  if (begin == type.npos || !type.ends_with('}')) return {};
  std::string_view list(type);
  list = list.substr(begin + 2, type.size() - begin - 3);
  std::vector<std::string> words;
  while (!list.empty()) {
    const std::size_t size = std::min(list.find(','), list.size());
    words.emplace_back(list.substr(0, size));
    list.remove_prefix(std::min(size + 1, list.size()));
  }
  return words;
}

std::string usage_of(const CLI::Option& option) {
  std::string usage;
  for (const std::string& name : option.get_snames()) usage += '-' + name + ", ";
  for (const std::string& name : option.get_lnames()) {
    // What a flag implies, and how it is denied, is for its description to tell.
    usage += "--" + name + ", ";
    break;
  }
  if (usage.empty()) return option.get_single_name();
  usage.resize(usage.size() - 2);
  const std::string value = value_name(option);
  if (value.starts_with('[')) return usage + value;
  return takes_value(option) ? usage + ' ' + value : usage;
}

std::string description_of(const CLI::Option& option) {
  std::string text = option.get_description();
  const std::string initial = option.get_default_str();
  if (!initial.empty() && option.get_items_expected_max() != 0) {
    text += " [" + initial + ']';
  }
  return text;
}

}  // namespace socketserver::tool
