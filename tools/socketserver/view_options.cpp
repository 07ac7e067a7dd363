#include "view_options.hpp"

#include <filesystem>
#include <map>

#include "arguments.hpp"

namespace socketserver::tool {
namespace {

using Key = http::ListingOrder::Key;

const std::map<std::string, http::ListingOrder> kOrders = {
    {"name", {.key = Key::name}},
    {"size", {.key = Key::size}},
    {"time", {.key = Key::time}},
    {"name:desc", {.key = Key::name, .descending = true}},
    {"size:desc", {.key = Key::size, .descending = true}},
    {"time:desc", {.key = Key::time, .descending = true}},
};

const std::map<std::string, http::Symlinks> kSymlinks = {
    {"inside", http::Symlinks::inside},
    {"all", http::Symlinks::all},
    {"none", http::Symlinks::none},
};

/// The words between the commas, none of them empty.
std::vector<std::string> split_names(std::string_view list) {
  std::vector<std::string> names;
  for (bool more = true; more;) {
    const std::size_t comma = list.find(',');
    more = comma != list.npos;
    const std::string_view name = list.substr(0, comma);
    if (more) list.remove_prefix(comma + 1);
    if (name.empty() || name.find('/') != name.npos || name == "." || name == "..") {
      throw CLI::ValidationError("--index", "must be names of files, not " + in_quotes(name));
    }
    names.emplace_back(name);
  }
  return names;
}

/// A file that the options name must be there, or they would do nothing: OSError.
void require_file(const std::string& option, const FileHandlerOptions& options,
                  const std::string& file) {
  const auto path =
      std::filesystem::path(options.files.directory) / std::filesystem::path(file).relative_path();
  if (type_of(path, option + ": " + in_quotes(file)) == std::filesystem::file_type::regular) return;
  throw CLI::ValidationError(option, in_quotes(file) + " is no file");
}

}  // namespace

ViewOptions::ViewOptions(CLI::App& command) {
  command.add_option("--index", index_, "Pages that stand for their directory")
      ->type_name("NAME,...")
      ->default_str("index.html,index.htm");
  command.add_flag("--no-listing", no_listing_, "Do not list directories");
  command.add_option("--listing", listing_, "Form of listings: html, json or auto, as asked for")
      ->type_name("FORM")
      ->check(CLI::IsMember({"html", "json", "auto"}))
      ->default_str("auto");
  command.add_option("--sort", sort_, "Order of listings: name, size, time, each also with :desc")
      ->type_name("KEY")
      ->check(CLI::IsMember(kOrders))
      ->default_str("name");
  command.add_option("--title", title_, "What listings call the whole")->type_name("TEXT");
  command.add_flag("--hidden", hidden_, "List and serve names that begin with a dot, too");
  add_repeatable(command, "--hide", hide_, "Neither list nor serve such names; may come again")
      ->type_name("GLOB");
  command
      .add_option("--symlinks", symlinks_,
                  "Links to follow: those that stay inside, all of them, or none")
      ->type_name("WHICH")
      ->check(CLI::IsMember(kSymlinks))
      ->capture_default_str();
  add_optional_value(command, "--spa", "FILE", spa_, "index.html",
                     "Answer what is not there with this page");
  command.add_flag("--pretty-urls", pretty_urls_, "Answer /about with about.html");
  add_repeatable(command, "--error-page", error_pages_,
                 "File to send with an error; may come again")
      ->type_name("CODE=FILE");
}

void ViewOptions::apply(FileHandlerOptions& options) const {
  SimpleHTTPOptions& files = options.files;
  if (!index_.empty()) files.index_pages = split_names(index_);
  files.list_directories = !no_listing_;
  for (const auto& [name, value] :
       {std::pair("--listing", &listing_), {"--sort", &sort_}, {"--title", &title_}}) {
    if (!no_listing_ || value->empty()) continue;
    throw CLI::ValidationError(name, "means nothing with --no-listing");
  }
  if (listing_ == "html") files.listing_format = http::ListingFormat::html;
  if (listing_ == "json") files.listing_format = http::ListingFormat::json;
  if (!sort_.empty()) files.listing_order = kOrders.at(sort_);
  files.listing_name = title_;
  files.show_hidden = hidden_;
  files.hidden_names = hide_;
  files.symlinks = kSymlinks.at(symlinks_);
  files.pretty_urls = pretty_urls_;
  if (!spa_.empty()) {
    require_file("--spa", options, spa_);
    files.spa_fallback = spa_;
  }
  for (const std::string& text : error_pages_) {
    constexpr std::uint64_t kLeast = 400;
    constexpr std::uint64_t kMost = 599;
    const auto [code, file] = parse_pair("--error-page", text, '=');
    require_file("--error-page", options, file);
    files.error_pages[static_cast<int>(parse_number("--error-page", code, kLeast, kMost))] = file;
  }
}

}  // namespace socketserver::tool
