#include "http/error_page.hpp"

#include <array>
#include <utility>

#include <socketserver/http/proto/text.hpp>

namespace socketserver::http {

const std::string_view kErrorPage = R"html(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>%(code)d %(message)s</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}</style>
</head>
<body>
<h1>%(message)s</h1>
<p>%(explain)s</p>
<p><small>Error code: %(code)d</small></p>
</body>
</html>
)html";

std::string format_error_page(std::string_view format, int code, std::string_view message,
                              std::string_view explain) {
  const std::array<std::pair<std::string_view, std::string>, 4> places = {{
      {"%(code)d", std::to_string(code)},
      {"%(message)s", escape_html(message)},
      {"%(explain)s", escape_html(explain)},
      {"%%", "%"},
  }};
  std::string page;
  while (!format.empty()) {
    const auto percent = format.find('%');
    page += format.substr(0, percent);
    if (percent == format.npos) break;
    format.remove_prefix(percent);
    std::size_t taken = 0;
    for (const auto& [place, text] : places) {
      if (!format.starts_with(place)) continue;
      page += text;
      taken = place.size();
      break;
    }
    if (taken == 0) {
      page += '%';
      taken = 1;
    }
    format.remove_prefix(taken);
  }
  return page;
}

}  // namespace socketserver::http
