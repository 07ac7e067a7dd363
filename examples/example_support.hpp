#pragma once

// What every example needs beside its subject.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <socketserver/server/base_server.hpp>

namespace example {

/// The command line: words in their places, and options anywhere between them.
class Arguments {
 public:
  Arguments(int argc, char** argv) : words_(argv + 1, argv + argc) {
    port_file_ = option("--port-file");
  }

  /// Takes `name` out of the words; whether it was there.
  bool flag(std::string_view name) { return std::erase(words_, name) > 0; }

  /// Takes `name` and the word behind it out of the words; that word, if there is one.
  std::optional<std::string> option(std::string_view name) {
    const auto at = std::ranges::find(words_, name);
    if (at == words_.end() || std::next(at) == words_.end()) return std::nullopt;
    std::string value = *std::next(at);
    words_.erase(at, at + 2);
    return value;
  }

  const std::vector<std::string>& words() const { return words_; }
  std::string word(std::size_t place, const char* otherwise) const {
    return place < words_.size() ? words_[place] : otherwise;
  }
  int port(std::size_t place, int otherwise) const {
    return place < words_.size() ? std::stoi(words_[place]) : otherwise;
  }

  /// With `--port-file F`, writes the server's port to F, which appears only when complete.
  void announce(const socketserver::BaseServer& server) const { announce(server.server_address()); }
  void announce(const socketserver::Address& address) const {
    if (!port_file_) return;
    std::ofstream(*port_file_ + '~') << address.port() << '\n';
    std::filesystem::rename(*port_file_ + '~', *port_file_);
  }

 private:
  std::vector<std::string> words_;
  std::optional<std::string> port_file_;
};

}  // namespace example
