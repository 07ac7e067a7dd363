// Calls methods for a test: reads calls as XML-RPC documents from standard input, makes them, and
// writes what comes back as documents to standard output, each behind a line with its size.
// Arguments: the URL, then any of: encoding=NAME, gzip, multicall. With multicall all calls that
// come go in one request when the input ends.

#include <cstddef>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <socketserver/xmlrpc/codec/dumps.hpp>
#include <socketserver/xmlrpc/multi_call.hpp>
#include <socketserver/xmlrpc/server_proxy.hpp>

using namespace socketserver;

namespace {

std::optional<xmlrpc::Message> next_call() {
  std::string line;
  if (!std::getline(std::cin, line)) return std::nullopt;
  std::string text(std::stoul(line), '\0');
  std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
  return xmlrpc::loads(text);
}

void answer(const std::string& document) {
  std::cout << document.size() << '\n' << document << std::flush;
}

template <typename Result>
void answer_with(Result result) {
  try {
    const xmlrpc::Value value = result();
    answer(xmlrpc::dumps({value}, {.methodresponse = true, .allow_none = true, .allow_i8 = true}));
  } catch (const xmlrpc::Fault& fault) {
    answer(xmlrpc::dumps(fault));
  } catch (const std::exception& error) {
    answer(xmlrpc::dumps(xmlrpc::Fault(-1, error.what())));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  xmlrpc::ClientOptions options{.allow_none = true, .allow_i8 = true};
  bool together = false;
  for (int i = 2; i < argc; ++i) {
    const std::string_view word = argv[i];
    constexpr std::string_view kEncoding = "encoding=";
    if (word.starts_with(kEncoding)) options.encoding = word.substr(kEncoding.size());
    if (word == "gzip") options.encode_threshold = 0;
    together = together || word == "multicall";
  }
  xmlrpc::ServerProxy proxy(argv[1], options);
  xmlrpc::MultiCall calls(proxy);
  while (const auto call = next_call()) {
    if (together) {
      calls.record(call->methodname, call->params);
    } else {
      answer_with([&] { return proxy.call_with(call->methodname, call->params); });
    }
  }
  if (calls.size() == 0) return 0;
  const xmlrpc::MultiCallIterator results = calls();
  for (std::size_t i = 0; i < results.size(); ++i) answer_with([&] { return results[i]; });
}
