#include "receive_options.hpp"

#include <charconv>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <vector>

#ifdef SOCKETSERVER_ARCHIVES
#include <socketserver/archive/formats.hpp>
#endif

#include <socketserver/http/proto/target.hpp>
#include <socketserver/http/proto/text.hpp>

#include "arguments.hpp"

namespace socketserver::tool {
namespace {

unsigned parse_mode(const std::string& text) {
  constexpr int kOctal = 8;
  constexpr unsigned kMost = 0777;
  unsigned mode = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), mode, kOctal);
  if (ec == std::errc() && end == text.data() + text.size() && mode <= kMost) return mode;
  throw CLI::ValidationError("--chmod", in_quotes(text) + " is no mode like 640");
}

OnDuplicate policy_named(const std::string& name) {
  if (name == "overwrite") return OnDuplicate::overwrite;
  return name == "rename" ? OnDuplicate::rename : OnDuplicate::error;
}

/// A directory below the served one, as the library looks for it.
void require_directory(const std::string& root, const std::string& directory) {
  const auto place = http::resolve_target('/' + http::percent_encode_path(directory));
  if (!place) return;  // which the library refuses
  std::filesystem::path path = root;
  for (const std::string& word : place->words) path /= word;
  const std::string said = "--upload: " + in_quotes(directory);
  if (type_of(path, said) == std::filesystem::file_type::directory) return;
  const auto code = std::make_error_code(std::errc::not_a_directory);
  throw CLI::ValidationError("--upload", in_quotes(directory) + ": " + code.message());
}

}  // namespace

ReceiveOptions::ReceiveOptions(CLI::App& command) {
  command
      .add_flag("-u,--upload{true}", upload_,
                "Let clients upload files; with =DIR only below that directory")
      ->type_name("[=DIR]");
  CLI::Option* const size =
      command.add_option("--upload-max", upload_max_, "Largest file to take; 0: any size");
  check_at_once(size->type_name("SIZE")->default_str("0"), parse_size);
  command
      .add_option("--on-duplicate", on_duplicate_,
                  "When an upload's name is taken: error, overwrite or rename")
      ->type_name("POLICY")
      ->check(CLI::IsMember({"error", "overwrite", "rename"}))
      ->default_str("error");
  command.add_flag("--mkdir", mkdir_, "Let clients make directories");
  command.add_flag("--delete", delete_, "Let clients remove files and directories");
  command.add_option("--chmod", chmod_, "Mode of uploaded files, in octal")->type_name("MODE");
  add_repeatable(command, "--allow-host", hosts_,
                 "Name by which a proxy on this machine asks for changes; *: any; may come again")
      ->type_name("NAME");
#ifdef SOCKETSERVER_ARCHIVES
  command
      .add_option("--archive", archives_,
                  "Let clients fetch directories in these formats: tar,tgz,zip")
      ->type_name("FORMATS")
      ->delimiter(',')
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false)
      ->check(CLI::IsMember(std::vector<std::string>(archive::format_names().begin(),
                                                     archive::format_names().end())));
#endif
}

void ReceiveOptions::apply(FileHandlerOptions& options, Limits& limits, bool max_body_given) const {
  if (allows_changes() && !options.only_file.empty()) {
    throw CLI::ValidationError("--upload, --mkdir, --delete", "need a directory, not one file");
  }
  require_use(options);
#ifdef SOCKETSERVER_ARCHIVES
  for (const std::string& name : archives_) options.files.archives.push_back(archive::format(name));
#endif
  options.store = {.upload = !upload_.empty(),
                   .make_directories = mkdir_,
                   .remove = delete_,
                   .on_duplicate = policy_named(on_duplicate_),
                   .hosts = hosts_};
  if (!upload_.empty() && upload_ != kFlagAlone) {
    require_directory(options.files.directory, upload_);
    options.store.writable = upload_;
  }
  if (!chmod_.empty()) options.store.file_mode = parse_mode(chmod_);
  if (!upload_.empty()) apply_size(options, limits, max_body_given);
}

/// What says how to do a thing is a mistake where nobody does it.
void ReceiveOptions::require_use(const FileHandlerOptions& options) const {
  const auto refuse = [](const char* name, bool given, const char* why) {
    if (given) throw CLI::ValidationError(name, why);
  };
  if (upload_.empty()) {
    constexpr const char* kWhy = "needs --upload";
    refuse("--upload-max", !upload_max_.empty(), kWhy);
    refuse("--on-duplicate", !on_duplicate_.empty(), kWhy);
    refuse("--chmod", !chmod_.empty(), kWhy);
  }
  if (!allows_changes()) {
    refuse("--allow-host", !hosts_.empty(), "needs --upload, --mkdir or --delete");
  }
  if (!options.only_file.empty()) {
    refuse("--archive", !archives_.empty(), "needs a directory, not one file");
  }
  if (!options.files.list_directories) {
    refuse("--archive", !archives_.empty(), "means nothing with --no-listing");
  }
}

void ReceiveOptions::apply_size(FileHandlerOptions& options, Limits& limits,
                                bool max_body_given) const {
  const std::uint64_t most = upload_max_.empty() ? 0 : parse_size("--upload-max", upload_max_);
  options.store.upload_max = most;
  if (max_body_given) {
    if (limits.body_bytes == 0 || most <= limits.body_bytes) return;
    throw CLI::ValidationError("--upload-max",
                               "is more than --max-body lets through: raise or drop that one");
  }
  // What else comes with a form is little beside a file, and has limits of its own.
  constexpr std::uint64_t kFormOverhead = std::uint64_t{1} << 20;
  limits.body_bytes = most == 0 ? 0 : most + kFormOverhead;
}

}  // namespace socketserver::tool
