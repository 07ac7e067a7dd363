#include <socketserver/server/datagram_handler.hpp>

#include <stdexcept>

namespace socketserver {

IoResult detail::StringSink::write_some(std::span<const std::string_view> parts,
                                        Deadline /*deadline*/) {
  const std::size_t before = text_.size();
  for (const std::string_view part : parts) text_ += part;
  return {text_.size() - before, {}};
}

Reader& DatagramRequestHandler::rfile() {
  if (!rfile_) throw std::logic_error("rfile: DatagramRequestHandler::setup() has not run");
  return *rfile_;
}

Writer& DatagramRequestHandler::wfile() {
  if (!wfile_) throw std::logic_error("wfile: DatagramRequestHandler::setup() has not run");
  return *wfile_;
}

void DatagramRequestHandler::setup() {
  rfile_.emplace(request().stream());
  wfile_.emplace(answer_);
}

void DatagramRequestHandler::finish() {
  if (!answer_.text().empty() || replies_when_empty()) request().reply(answer_.text());
}

}  // namespace socketserver
