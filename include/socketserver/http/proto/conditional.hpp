#pragma once

#include <cstdint>
#include <string_view>

#include <socketserver/http/proto/etag.hpp>
#include <socketserver/http/proto/headers.hpp>

namespace socketserver::http {

/// What a representation that exists is told apart by.
struct Validators {
  EntityTag tag;                 ///< Of what would be sent.
  std::int64_t modified_at = 0;  ///< Its `Last-Modified`, in seconds since 1970.
};

/// What a request's conditions come to.
enum class Precondition {
  pass,          ///< Do as asked.
  not_modified,  ///< Answer 304: the client has it already.
  failed,        ///< Answer 412, and do nothing.
};

/// Evaluates `If-Match`, `If-Unmodified-Since`, `If-None-Match` and `If-Modified-Since` in the
/// order of RFC 9110 §13.2.2: an entity tag goes before a date. A date that is none is ignored.
/// Several fields of one name count as one list.
///
/// @param method  of the request: "GET" and "HEAD" can come to `not_modified`, others cannot.
[[nodiscard]] Precondition evaluate_preconditions(const Headers& request, std::string_view method,
                                                  const Validators& current);

/// Tells whether `If-Range` lets a `Range` field count (RFC 9110 §13.1.5): there is none, or it has
/// the current entity tag, not a weak one, or exactly the current date.
[[nodiscard]] bool if_range_holds(const Headers& request, const Validators& current);

}  // namespace socketserver::http
