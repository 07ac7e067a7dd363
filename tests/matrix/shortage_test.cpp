// More clients than the process may have descriptors.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <socketserver/base/error.hpp>
#include <socketserver/server/stop_on_signals.hpp>
#include <socketserver/testing/wait.hpp>

#include "tests/matrix/fixture.hpp"
#include "tests/unit/server/server_process.hpp"

namespace socketserver::matrix {
namespace {

constexpr int kClients = 500;
constexpr Duration kLittle = 50ms;

// What the answer must be complete of.
const std::string kAnswer = std::string(20'000, '.') + "the end";

/// A server in a process of its own that may have no more than `descriptors`.
class PoorProcess {
 public:
  /// @param left  how many of them are free when it starts to serve; 0: all that it does not need.
  PoorProcess(BaseServer& server, rlim_t descriptors, int left) : pid_(::fork()) {
    if (pid_ == 0) serve(server, descriptors, left);
    server.server_close();
  }
  PoorProcess(const PoorProcess&) = delete;
  PoorProcess& operator=(const PoorProcess&) = delete;
  ~PoorProcess() {
    if (pid_ > 0) end(SIGKILL);
  }

  /// The time that its threads have spent working, and those of its children that live.
  Duration cpu_time() const {
    Duration sum = cpu_time_of(pid_);
    EXPECT_GT(sum, Duration::zero()) << "nobody knows its clock";
    for (const pid_t child : children_of(pid_)) sum += cpu_time_of(child);
    return sum;
  }

  /// Ends it; its wait status.
  int end(int signal) {
    int status = 0;
    ::kill(pid_, signal);
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    return status;
  }

 private:
  /// Zero when there is no such process.
  static Duration cpu_time_of(pid_t process) {
    clockid_t clock{};
    timespec time{};
    if (::clock_getcpuclockid(process, &clock) != 0) return Duration::zero();
    if (::clock_gettime(clock, &time) != 0) return Duration::zero();
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }

  [[noreturn]] static void serve(BaseServer& server, rlim_t descriptors, int left) {
    const rlimit limit{.rlim_cur = descriptors, .rlim_max = descriptors};
    ::setrlimit(RLIMIT_NOFILE, &limit);
    if (left > 0) {
      int last = 0;
      while (const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) {
        if (fd < 0) break;
        last = fd;
      }
      for (int i = 0; i < left; ++i) ::close(last - i);
    }
    const StopOnSignals stop(server);
    try {
      server.serve_forever();
    } catch (const KeyboardInterrupt&) {
      ::_exit(0);
    } catch (...) {
      ::_exit(1);
    }
    ::_exit(2);
  }

  pid_t pid_;
};

template <class Cell>
class Shortage : public CellTest<Cell> {
 protected:
  std::unique_ptr<typename Cell::Server> server() {
    return make_server<typename Cell::Server>(
        testing::any_address<typename Cell::Server>(),
        [](StreamRequestHandler& self) {
          while (self.rfile().readline()) self.wfile() << kAnswer;
        },
        ServerOptions{.request_queue_size = 2 * kClients, .fork_with_threads = true, .log = {}});
  }

  static std::vector<std::unique_ptr<StreamClient>> connected(const Address& server) {
    std::vector<std::unique_ptr<StreamClient>> clients;
    for (int i = 0; i < kClients; ++i) {
      try {
        clients.push_back(std::make_unique<StreamClient>(server));
      } catch (const TimeoutError&) {
        throw;
      } catch (const OSError&) {
        // It was turned away before connect() had returned.
      }
    }
    return clients;
  }

  /// What the client gets that has asked: the whole answer, or nothing when it was turned away.
  static std::string answer_of(StreamClient& client) {
    try {
      return client.answer();
    } catch (const TimeoutError&) {
      throw;
    } catch (const OSError&) {
      return "";
    }
  }

  /// The CPU time of half a second, once it has little to do; of the last one when it never has.
  static Duration spent_at_rest(const PoorProcess& process) {
    const Deadline patience = Deadline::after(testing::kPatience);
    Duration before = Duration::zero();
    for (;;) {
      std::this_thread::sleep_for(500ms);
      const Duration now = process.cpu_time();
      const Duration spent = now - before;
      if (spent < kLittle || patience.expired()) return spent;
      before = now;
    }
  }

  /// Has `clients` served that the server has no descriptors for, and looks how it takes it.
  void serve_more_than_it_can(PoorProcess& process, const Address& address) {
    auto clients = connected(address);
    // All are silent, so that those who were accepted keep what they have.
    const Duration spent = spent_at_rest(process);
    EXPECT_LT(spent, kLittle) << "it should have nothing to do";

    int complete = 0;
    for (const auto& client : clients) {
      try {
        client->request("please\n");
      } catch (const TimeoutError&) {
        throw;
      } catch (const OSError&) {
        continue;  // it was turned away long ago
      }
      const std::string answer = answer_of(*client);
      EXPECT_TRUE(answer == kAnswer || answer.empty()) << answer.size() << " bytes of an answer";
      if (answer == kAnswer) ++complete;
    }
    EXPECT_GT(complete, 0);
    this->RecordProperty("complete_answers", complete);
    this->RecordProperty("busy_microseconds_of_500000",
                         std::to_string(spent / std::chrono::microseconds(1)));
    // There is room again.
    StreamClient late(address);
    late.request("please\n");
    EXPECT_EQ(late.answer(), kAnswer);
  }
};
TYPED_TEST_SUITE(Shortage, StreamCells, CellNames);

TYPED_TEST(Shortage, a_limit_of_64_descriptors_is_kept_to) {
  const auto server = this->server();
  const Address address = server->server_address();
  PoorProcess process(*server, 64, 0);
  this->serve_more_than_it_can(process, address);
  const int status = process.end(SIGTERM);
  EXPECT_TRUE(WIFEXITED(status)) << status;
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TYPED_TEST(Shortage, P13_descriptors_that_are_not_there_keep_it_waiting) {
  const auto server = this->server();
  const Address address = server->server_address();
  PoorProcess process(*server, 256, 24);
  this->serve_more_than_it_can(process, address);
  const int status = process.end(SIGTERM);
  EXPECT_TRUE(WIFEXITED(status)) << status;
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace socketserver::matrix
