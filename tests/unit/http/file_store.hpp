#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <socketserver/http/file_store_handler.hpp>

#include "temporary_tree.hpp"
#include "web_server.hpp"

namespace socketserver::testing {

/// All of a file's bytes.
std::string read_file(const std::string& path);

/// The names in a directory, hidden ones too.
std::vector<std::string> names_in(const std::string& path);

/// `body` in the chunked coding, in chunks of a size that no block is a multiple of.
std::string chunked(std::string_view body);

/// A FileStoreHTTPRequestHandler at work on a directory of its own.
class FileStore : public ::testing::Test {
 protected:
  FileStore() { serve({}); }

  /// Serves with these options; `files.directory` is the tree's.
  void serve(FileStoreOptions options, const Limits& limits = {}) {
    serve_with<FileStoreHTTPRequestHandler>(std::move(options), limits);
  }

  template <class Handler>
  void serve_with(FileStoreOptions options, const Limits& limits = {}) {
    options.files.directory = tree.path();
    if (options.hosts.empty()) options.hosts = {"x"};  // who `ask` asks
    server = std::make_unique<WebServer>(handler<Handler>(std::move(options)), limits);
  }

  /// The answer to a request on a connection of its own; `fields` end each with CRLF.
  Answer ask(std::string_view method, std::string_view target, std::string_view body,
             std::string_view fields = {}) const;

  std::string content(std::string_view name) const { return read_file(tree.path(name)); }
  std::vector<std::string> names() const { return names_in(tree.path()); }
  unsigned mode_of(std::string_view name) const;

  TemporaryTree outside;
  TemporaryTree tree;
  std::unique_ptr<WebServer> server;
};

}  // namespace socketserver::testing
