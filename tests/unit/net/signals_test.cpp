#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

#include <socketserver/base/error.hpp>
#include <socketserver/net/reader.hpp>
#include <socketserver/net/writer.hpp>

#include "tests/unit/net/signal_storm.hpp"
#include "tests/unit/net/socket_pair.hpp"

namespace socketserver {
namespace {

using namespace std::chrono_literals;

/// 2^24 bytes that repeat at no round distance, so that a lost or doubled piece shows.
std::string much_text() {
  std::string text(std::size_t{1} << 24, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i % 251);
  return text;
}

TEST(Signals, SS_102_lose_nothing_of_a_long_write) {
  SocketPair pair = SocketPair::tcp();
  const std::string text = much_text();
  std::string received;
  {
    std::jthread reader([&] { received = Reader(pair.far).read_all(text.size()); });
    const SignalStorm storm(1ms);
    EXPECT_EQ(Writer(pair.near).write(text), text.size());
    pair.near.shutdown_write();
  }
  EXPECT_TRUE(received == text);
}

TEST(Signals, lose_nothing_of_a_long_read) {
  SocketPair pair = SocketPair::tcp();
  const std::string text = much_text();
  std::jthread writer([&] { pair.far.sendall(text); });
  const SignalStorm storm(1ms);
  EXPECT_TRUE(Reader(pair.near).read(text.size()) == text);
}

TEST(Signals, lose_nothing_of_a_long_sendfile) {
  SocketPair pair = SocketPair::tcp();
  const std::string text = much_text();
  const UniqueFd file(::memfd_create("text", MFD_CLOEXEC));
  ASSERT_EQ(::write(file.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  std::string received;
  {
    std::jthread reader([&] { received = Reader(pair.far).read_all(text.size()); });
    const SignalStorm storm(1ms);
    EXPECT_EQ(Writer(pair.near).sendfile(file.get(), 0, text.size()), text.size());
    pair.near.shutdown_write();
  }
  EXPECT_TRUE(received == text);
}

TEST(Signals, do_not_extend_a_timeout) {
  SocketPair pair = SocketPair::tcp();
  pair.near.settimeout(100ms);
  const SignalStorm storm(5ms);
  const auto start = Deadline::Clock::now();
  EXPECT_THROW(pair.near.recv(1), TimeoutError);
  EXPECT_GE(Deadline::Clock::now() - start, 100ms) << "cut short by a signal";
  EXPECT_GT(SignalStorm::count(), 1);
}

TEST(Signals, do_not_cut_a_connect_short) {
  Socket listener = Socket::open(AddressFamily::inet, SocketType::stream);
  listener.bind(Address("127.0.0.1", 0));
  listener.listen(0);
  const Address address = listener.getsockname();
  const Socket first = Socket::connect(address);
  const SignalStorm storm(1ms);
  try {
    const Socket second = Socket::connect(address, Deadline::after(30ms));
    const Socket third = Socket::connect(address, Deadline::after(30ms));
  } catch (const OSError& error) {
    EXPECT_EQ(error.code(), std::errc::timed_out) << error.what();
  }
}

/// Counts SIGPIPE instead of dying of it.
class SigpipeCount {
 public:
  SigpipeCount() {
    count_ = 0;
    struct sigaction action {};
    action.sa_handler = [](int) { count_ = count_ + 1; };
    ::sigaction(SIGPIPE, &action, &before_);
  }
  ~SigpipeCount() { ::sigaction(SIGPIPE, &before_, nullptr); }
  SigpipeCount(const SigpipeCount&) = delete;
  SigpipeCount& operator=(const SigpipeCount&) = delete;

  int count() const { return count_; }

 private:
  static inline volatile sig_atomic_t count_ = 0;
  struct sigaction before_ {};
};

/// Writes until the peer's absence is noticed.
template <class Write>
std::error_code error_of(Write write) {
  for (;;) {
    try {
      write();
    } catch (const OSError& error) {
      if (error.code() == std::errc::connection_reset) continue;  // the one before the broken pipe
      return error.code();
    }
  }
}

TEST(Sigpipe, P28_no_way_of_writing_raises_it) {
  const SigpipeCount sigpipe;
  const UniqueFd file(::memfd_create("text", MFD_CLOEXEC));
  ASSERT_EQ(::write(file.get(), "text", 4), 4);
  for (const auto& make_pair : {SocketPair::tcp, SocketPair::local}) {
    SocketPair pair = make_pair();
    pair.far.close();
    EXPECT_EQ(error_of([&] { pair.near.sendall("x"); }), std::errc::broken_pipe);
    EXPECT_EQ(error_of([&] { Writer(pair.near).write("x"); }), std::errc::broken_pipe);
    EXPECT_EQ(error_of([&] { Writer(pair.near).sendfile(file.get(), 0, 4); }),
              std::errc::broken_pipe);
  }
  EXPECT_EQ(sigpipe.count(), 0);
  sigset_t pending;
  ::sigpending(&pending);
  EXPECT_FALSE(::sigismember(&pending, SIGPIPE)) << "kept for later";
}

TEST(Sigpipe, one_that_was_pending_before_stays) {
  const SigpipeCount sigpipe;
  sigset_t only_sigpipe;
  sigset_t before;
  ::sigemptyset(&only_sigpipe);
  ::sigaddset(&only_sigpipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &only_sigpipe, &before);
  ::pthread_kill(::pthread_self(), SIGPIPE);
  const UniqueFd file(::memfd_create("text", MFD_CLOEXEC));
  ASSERT_EQ(::write(file.get(), "text", 4), 4);
  SocketPair pair = SocketPair::local();
  EXPECT_EQ(Writer(pair.near).sendfile(file.get(), 0, 4), 4u);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  EXPECT_EQ(sigpipe.count(), 1);
}

TEST(Sendfile, keeps_its_deadline) {
  SocketPair pair = SocketPair::tcp();
  const UniqueFd file(::memfd_create("text", MFD_CLOEXEC));
  ASSERT_EQ(::ftruncate(file.get(), 64 << 20), 0);
  Writer writer(pair.near);
  writer.set_timeout(30ms);
  EXPECT_THROW(writer.sendfile(file.get(), 0, 64 << 20), TimeoutError);
}

TEST(Sendfile, copies_from_files_that_the_kernel_cannot_send) {
  // Files of /proc have no pages to send: sendfile(2) refuses them.
  const UniqueFd file(::open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC));
  std::string expected(4096, '\0');
  const ssize_t size = ::pread(file.get(), expected.data(), expected.size(), 0);
  ASSERT_GT(size, 0);
  expected.resize(static_cast<std::size_t>(size));
  SocketPair pair = SocketPair::tcp();
  EXPECT_EQ(Writer(pair.near).sendfile(file.get(), 0, expected.size()), expected.size());
  EXPECT_EQ(Reader(pair.far).read(expected.size()), expected);
}

}  // namespace
}  // namespace socketserver
