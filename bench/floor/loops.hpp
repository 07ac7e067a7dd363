#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// The floor: the least that a server can do for each workload, written by hand. What a server of
/// the library costs is read as a multiple of it.
///
/// Each function announces its port and serves until the process is ended by a signal.
namespace socketserver::bench {

/// What a connection for one request is answered with.
inline constexpr std::string_view kLastAnswer =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\nConnection: close\r\n\r\n"
    "Hello, World!";

/// Lines come back, all connections on one thread.
[[noreturn]] void echo_on_epoll(std::uint16_t port);

/// Every blank line is answered with the same small HTTP response; nothing is parsed.
[[noreturn]] void http_on_epoll(std::uint16_t port);

/// A connection for each request: it is accepted, read once, answered and closed; nothing is
/// parsed.
[[noreturn]] void http_close_on_epoll(std::uint16_t port);

/// The same with every connection told to epoll, as in the loop of keep-alive connections.
[[noreturn]] void http_close_all_on_epoll(std::uint16_t port);

/// Every blank line is answered with a head that is ready and the file, which stays open, by
/// sendfile(2).
[[noreturn]] void file_on_epoll(std::uint16_t port, const std::string& path);

/// Every POST is answered with a response that is ready and holds the file; its bytes are counted,
/// and nothing but `Content-Length` is looked at.
[[noreturn]] void post_on_epoll(std::uint16_t port, const std::string& path);

/// Datagrams come back, one at a time.
[[noreturn]] void echo_datagrams(std::uint16_t port);

/// Each connection gets a detached thread, which sends one line back and closes.
[[noreturn]] void echo_on_threads(std::uint16_t port);

/// Lines come back, each connection on a thread that sleeps in recv(2): the least that blocking
/// threads cost.
[[noreturn]] void echo_on_standing_threads(std::uint16_t port);

/// Each connection gets a process, which does the same; ended ones are reaped on the next turn.
[[noreturn]] void echo_on_forks(std::uint16_t port);

}  // namespace socketserver::bench
