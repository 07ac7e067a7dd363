#include "http/cgi_body.hpp"

#include <socketserver/base/error.hpp>
#include <socketserver/server/base_server.hpp>

namespace socketserver::http {

CGIBody::CGIBody(BaseHTTPRequestHandler& handler, BodySpool& spool, std::uint64_t left,
                 std::optional<Duration> progress_timeout)
    : handler_(handler),
      spool_(spool),
      left_(left),
      progress_timeout_(progress_timeout),
      deadline_(Deadline::after(progress_timeout)),
      rate_(handler.server().options().limits) {}

void CGIBody::drop() noexcept {
  spool_.clear();
  left_ = 0;
}

bool CGIBody::take(bool readable) {
  const bool at_hand = !handler_.rfile().buffered().empty() ||
                       !handler_.StreamRequestHandler::rfile().buffered().empty() || readable;
  if (left_ == 0 || !at_hand) return false;
  Reader& body = handler_.rfile();
  const IoResult result = body.fill(Deadline::never());
  if (result.ec) throw_os_error(result.ec, "read request body");
  const std::string_view piece = body.buffered();
  left_ -= piece.size();
  rate_.moved(piece.size());
  spool_.append(piece);
  body.consume(piece.size());
  if (!too_slow_) deadline_ = Deadline::after(progress_timeout_);
  return true;
}

Deadline CGIBody::begin_wait(bool wanted) noexcept {
  judges_ = wanted && rate_.is_on();
  const Deadline progress = wanted ? deadline_ : Deadline::never();
  return judges_ ? Deadline::earlier(progress, rate_.begin_wait()) : progress;
}

void CGIBody::end_wait() noexcept {
  if (!judges_ || rate_.end_wait()) return;
  too_slow_ = true;
  deadline_ = Deadline::after(Duration::zero());
}

void CGIBody::check_time() {
  if (left_ == 0 || !deadline_.expired()) return;
  const IoResult result = handler_.rfile().fill(Deadline::after(Duration::zero()));
  if (result.ec) throw_os_error(result.ec, "read request body");
}

}  // namespace socketserver::http
