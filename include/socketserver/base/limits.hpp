#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include <socketserver/base/deadline.hpp>

namespace socketserver {

/// The bounds that keep one peer, or many, from using up the server.
///
/// One struct with one meaning under every engine and transport. Sizes are in bytes. A span says
/// from which event it counts; a span of zero switches that limit off unless its line says
/// otherwise. Sizes and counts must not be zero unless their line gives that a meaning. Over a
/// limit the peer gets a proper answer where its protocol has one, then the connection ends.
struct Limits {
  // Connections and concurrency

  /// Connections accepted and not yet closed; at the limit accepting pauses. An HTTP client over
  /// it: 503 with `Retry-After`, then closed.
  std::size_t max_connections = 10'000;

  /// Connections (or packets being served) from one IP address, of IPv6 from one network of 64
  /// bits; more are refused at once, counted and reported once a second. 0: any number.
  std::size_t max_connections_per_ip = 0;

  /// Handlers running at once; at the limit accepting pauses. 0: the engine's own default: 256
  /// threads, 40 processes, as many fibers as connections; a pool has its number of workers, and
  /// 4096 threads together with those that wait for their client.
  std::size_t max_concurrent_requests = 0;

  /// What stopping grants to requests that are being served, from the moment stopping is asked.
  /// Idle connections close at once. 0: no grace.
  Duration drain_grace = std::chrono::seconds(10);

  // The head of an HTTP request

  /// The request line with its line end, from the first byte of the request. Over it: 414.
  std::size_t request_line_bytes = std::size_t{8} * 1024;

  /// All header lines together, after the request line. Over it: 431.
  std::size_t header_bytes = std::size_t{64} * 1024;

  /// How many header lines. Over it: 431.
  std::size_t header_count = 100;

  /// The body after decoding; 0: no limit. Over it: 413, before reading when the length was
  /// announced.
  std::uint64_t body_bytes = std::uint64_t{64} * 1024 * 1024;

  // Time on an HTTP connection. Other stream handlers have the `timeout()` that they give
  // themselves.

  /// From accepting an HTTP connection to its first byte. Then: closed without an answer.
  Duration first_byte_timeout = std::chrono::seconds(30);

  /// From the first byte of a request to the end of its headers, however many bytes arrive
  /// meanwhile. Then: 408.
  Duration header_timeout = std::chrono::seconds(10);

  /// From the end of a response to the first byte of the next request. Then: closed.
  Duration keep_alive_timeout = std::chrono::seconds(60);

  /// Requests on one connection, 0: any number; the last one is answered with `Connection: close`.
  std::size_t keep_alive_requests = 10'000;

  /// From the last byte moved in either direction while a body is read or a response is written.
  /// Then: closed; a request whose body stopped is answered with 408 first.
  Duration io_progress_timeout = std::chrono::seconds(30);

  /// The least bytes per second of a body that is read or a response that is written, 0: any rate.
  /// Only time spent waiting for the client counts. Then: as after `io_progress_timeout`.
  std::uint64_t min_rate = 0;

  /// From the first wait for the client: at the end of each such span of waiting, in each direction
  /// by itself, `min_rate` is judged by what has moved within that span. Must not be zero.
  Duration min_rate_span = std::chrono::seconds(30);

  // CGI scripts, and requests to FastCGI applications, which count as scripts. A script that goes
  // over a limit is ended together with its process group, the connection to an application closed;
  // the client gets 504 when the head of the answer was not there yet, else its connection is cut.

  /// Scripts of one handler that run at once, in each process of the server; 0: any number. Over
  /// it: 503 with `Retry-After`.
  std::size_t cgi_processes = 64;

  /// From the last byte that the script took or gave, or that the client moved.
  Duration cgi_timeout = std::chrono::seconds(60);

  /// From the start of the script to its end, however busy it is. Connecting to an application is
  /// part of this and of the above.
  Duration cgi_total_timeout = std::chrono::seconds(300);

  /// The body of a script's answer; 0: any number. Over it: the connection is cut.
  std::uint64_t cgi_output_bytes = 0;

  // XML-RPC and JSON-RPC. Over a limit the caller gets a fault, or 413 when it shows before a
  // message is read.

  /// One message, decompressed; also all results of a multicall or a batch together.
  std::size_t xmlrpc_bytes = std::size_t{8} * 1024 * 1024;

  /// Arrays and structs in one another.
  std::size_t xmlrpc_depth = 64;

  /// Calls in a `system.multicall`, those of multicalls inside it included, and in a batch.
  std::size_t multicall_calls = 1000;

  // Input that a handler left unread: read and thrown away, so that the connection can go on, or
  // that the peer gets the answer before the close and not a reset

  /// At most this much is thrown away, from the moment the response was sent.
  std::size_t lingering_bytes = std::size_t{64} * 1024;

  /// For at most this long, from the same moment. 0: not at all.
  Duration lingering_timeout = std::chrono::seconds(1);
};

}  // namespace socketserver
