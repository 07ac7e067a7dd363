#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <socketserver/http/proto/status.hpp>

namespace socketserver::http {
namespace {

constexpr auto kResponses = std::to_array<StatusText>({
    {100, "Continue", "The head of the request was read; the body may follow."},
    {101, "Switching Protocols", "The connection goes on with the protocol that was asked for."},
    {102, "Processing", "The request is being worked on; the answer will follow."},
    {103, "Early Hints", "Some headers of the answer are sent ahead of it."},

    {200, "OK", "The request succeeded."},
    {201, "Created", "A new resource was made."},
    {202, "Accepted", "The request was taken and will be worked on later."},
    {203, "Non-Authoritative Information", "A server on the way changed the answer."},
    {204, "No Content", "The request succeeded and there is nothing to show."},
    {205, "Reset Content", "The request succeeded; the form can be emptied."},
    {206, "Partial Content", "This is the part of the resource that was asked for."},
    {207, "Multi-Status", "The answer holds one status for each of several resources."},
    {208, "Already Reported", "This member was listed earlier in the answer."},
    {226, "IM Used", "The answer is the resource after some changes to it."},

    {300, "Multiple Choices", "There are several forms of the resource to choose from."},
    {301, "Moved Permanently", "The resource has a new address; use that one from now on."},
    {302, "Found", "The resource is at another address for the moment."},
    {303, "See Other", "The answer is to be fetched from another address."},
    {304, "Not Modified", "The copy that the client has is still good."},
    {305, "Use Proxy", "The resource can only be had through a proxy."},
    {307, "Temporary Redirect", "The same request is to be sent to another address this time."},
    {308, "Permanent Redirect", "The same request is to be sent to the new address from now on."},

    {400, "Bad Request", "The server cannot understand the request."},
    {401, "Unauthorized", "The resource needs a login."},
    {402, "Payment Required", "The resource must be paid for."},
    {403, "Forbidden", "The server understood the request and refuses it."},
    {404, "Not Found", "There is nothing at this address."},
    {405, "Method Not Allowed", "The resource does not support this method."},
    {406, "Not Acceptable", "The resource has no form that the client accepts."},
    {407, "Proxy Authentication Required", "The proxy needs a login."},
    {408, "Request Timeout", "The request did not arrive in time."},
    {409, "Conflict", "The request clashes with the state of the resource."},
    {410, "Gone", "The resource was here once and will not come back."},
    {411, "Length Required", "The request must say how long its body is."},
    {412, "Precondition Failed", "A condition in the request's headers does not hold."},
    {413, "Content Too Large", "The body of the request is larger than the server takes."},
    {414, "URI Too Long", "The address is longer than the server takes."},
    {415, "Unsupported Media Type", "The server does not take a body of this type."},
    {416, "Range Not Satisfiable", "The resource does not reach to the part asked for."},
    {417, "Expectation Failed", "The server cannot do what the Expect header asks for."},
    {418, "I'm a Teapot", "This is a teapot; it makes no coffee."},
    {421, "Misdirected Request", "This server does not answer for that address."},
    {422, "Unprocessable Content", "The body is well formed, but makes no sense here."},
    {423, "Locked", "The resource is locked."},
    {424, "Failed Dependency", "Another request that this one needs has failed."},
    {425, "Too Early", "The request could be a replay; it is refused until that is ruled out."},
    {426, "Upgrade Required", "The server wants another protocol for this."},
    {428, "Precondition Required", "The request must state a condition, such as If-Match."},
    {429, "Too Many Requests", "Too many requests arrived in a short time."},
    {431, "Request Header Fields Too Large", "The headers of the request are too large."},
    {451, "Unavailable For Legal Reasons", "A legal demand keeps the resource from being shown."},

    {500, "Internal Server Error", "The server failed while it worked on the request."},
    {501, "Not Implemented", "The server does not know how to do this."},
    {502, "Bad Gateway", "A server behind this one gave an unusable answer."},
    {503, "Service Unavailable", "The server is too busy or is being looked after; try later."},
    {504, "Gateway Timeout", "A server behind this one did not answer in time."},
    {505, "HTTP Version Not Supported", "The server does not speak this version of HTTP."},
    {506, "Variant Also Negotiates", "The server's settings for choosing a form go in circles."},
    {507, "Insufficient Storage", "The server has no room to complete the request."},
    {508, "Loop Detected", "The request runs in circles."},
    {510, "Not Extended", "The request lacks an extension that the server needs."},
    {511, "Network Authentication Required", "The network must be logged in to first."},
});

static_assert(kResponses.size() == 62);
static_assert(std::is_sorted(kResponses.begin(), kResponses.end(),
                             [](const auto& a, const auto& b) { return a.code < b.code; }));

/// Where the text of each code is in `kResponses`, plus one; 0: there is none.
constexpr auto kPlaces = [] {
  std::array<std::uint8_t, static_cast<std::size_t>(kResponses.back().code) + 1> places{};
  for (std::size_t i = 0; i < kResponses.size(); ++i) {
    places[static_cast<std::size_t>(kResponses[i].code)] = static_cast<std::uint8_t>(i + 1);
  }
  return places;
}();

}  // namespace

const StatusText* find_status(int code) noexcept {
  if (code < 0 || static_cast<std::size_t>(code) >= kPlaces.size()) return nullptr;
  const std::size_t place = kPlaces[static_cast<std::size_t>(code)];
  return place == 0 ? nullptr : &kResponses[place - 1];
}

std::span<const StatusText> responses() noexcept {
  return kResponses;
}

}  // namespace socketserver::http
