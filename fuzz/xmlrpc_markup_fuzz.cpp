// The input is a text of the documentation page, and an Accept-Encoding field.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "require.hpp"
#include "xmlrpc/accept_encodings.hpp"
#include "xmlrpc/doc_markup.hpp"

namespace xmlrpc = socketserver::xmlrpc;

namespace {

/// The text without the elements that marking up adds.
std::string without_elements(std::string html) {
  for (std::size_t begin = html.find('<'); begin != html.npos; begin = html.find('<')) {
    const std::size_t end = html.find('>', begin);
    require(end != html.npos, "an element ends");
    const std::string_view element(html.data() + begin, end - begin);
    require(element.starts_with("<a href=\"http") || element.starts_with("<a href=\"ftp:") ||
                element.starts_with("<a href=\"#-") || element == "</a" || element == "<strong" ||
                element == "</strong",
            "there are links and strong words");
    html.erase(begin, end + 1 - begin);
  }
  return html;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::array<std::string, 2> methods = {"a", "add"};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string plain = without_elements(xmlrpc::mark_up(text, methods));
  require(plain.find('>') == plain.npos, "the rest is escaped");
  require(plain.size() >= text.size(), "nothing is lost");
  for (const auto& [coding, weight] : xmlrpc::accept_encodings(text)) {
    require(!coding.empty() && weight >= 0 && weight <= 1, "codings have names and weights");
  }
  return 0;
}
