#include "file_store.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace socketserver::testing {

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

std::string chunked(std::string_view body) {
  constexpr std::size_t kChunk = 9973;
  std::string coded;
  while (!body.empty()) {
    const std::string_view chunk = body.substr(0, kChunk);
    std::array<char, 16> size{};
    std::snprintf(size.data(), size.size(), "%zx\r\n", chunk.size());
    coded.append(size.data()).append(chunk).append("\r\n");
    body.remove_prefix(chunk.size());
  }
  return coded + "0\r\n\r\n";
}

Answer FileStore::ask(std::string_view method, std::string_view target, std::string_view body,
                      std::string_view fields) const {
  RawClient client = server->connect();
  std::string request = std::string(method) + ' ' + std::string(target) +
                        " HTTP/1.1\r\nHost: x\r\n" + std::string(fields);
  if (fields.find("Transfer-Encoding") == fields.npos && !body.empty()) {
    request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  client.send(request + "\r\n");
  client.send(body);
  return read_answer(client, method);
}

unsigned FileStore::mode_of(std::string_view name) const {
  struct stat status {};
  EXPECT_EQ(::stat(tree.path(name).c_str(), &status), 0);
  return status.st_mode & 07777;
}

}  // namespace socketserver::testing
