#include "http/cgi_end.hpp"

namespace socketserver::http {

std::string_view reason_of(CGIEnd end) noexcept {
  switch (end) {
    case CGIEnd::timeout:
      return "it took too long";
    case CGIEnd::too_long:
      return "it wrote too much";
    case CGIEnd::bad_head:
      return "it has no valid head";
    case CGIEnd::stopped:
      return "the server is stopping";
    case CGIEnd::client_gone:
      return "the client is gone";
    case CGIEnd::answered:
    case CGIEnd::redirected:
    case CGIEnd::no_head:
    case CGIEnd::killed:
    case CGIEnd::broken:
    case CGIEnd::overloaded:
      break;
  }
  return "it did not end after its answer";
}

}  // namespace socketserver::http
