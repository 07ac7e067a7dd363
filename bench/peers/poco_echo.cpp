// The line echo with POCO's TCPServer: a pooled thread for each connection.

#include <Poco/Exception.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/TCPServer.h>
#include <Poco/Net/TCPServerConnection.h>
#include <Poco/Net/TCPServerConnectionFactory.h>
#include <Poco/Net/TCPServerParams.h>
#include <Poco/ThreadPool.h>
#include <Poco/Version.h>
#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdint>
#include <iostream>
#include <string>

namespace {

constexpr int kThreads = 20'000;
constexpr int kQueue = 4096;
constexpr int kBufferBytes = 8192;

class Echo : public Poco::Net::TCPServerConnection {
 public:
  Echo(const Poco::Net::StreamSocket& socket, bool once)
      : TCPServerConnection(socket), once_(once) {}

  void run() override {
    std::string input;
    char buffer[kBufferBytes];
    try {
      while (const int received = socket().receiveBytes(buffer, kBufferBytes)) {
        input.append(buffer, static_cast<std::size_t>(received));
        if (serve_lines(input) && once_) return;
      }
    } catch (const Poco::Exception&) {
      // The client is gone.
    }
  }

 private:
  /// Sends the complete lines back and drops them; whether there were any.
  bool serve_lines(std::string& input) {
    const std::size_t complete = input.rfind('\n') + 1;
    for (std::size_t sent = 0; sent < complete;) {
      sent += static_cast<std::size_t>(
          socket().sendBytes(input.data() + sent, static_cast<int>(complete - sent)));
    }
    input.erase(0, complete);
    return complete > 0;
  }

  const bool once_;
};

class EchoFactory : public Poco::Net::TCPServerConnectionFactory {
 public:
  explicit EchoFactory(bool once) : once_(once) {}

  Poco::Net::TCPServerConnection* createConnection(const Poco::Net::StreamSocket& socket) override {
    return new Echo(socket, once_);
  }

 private:
  const bool once_;
};

}  // namespace

int main(int argc, char** argv) {
  std::uint16_t port = 0;
  bool once = false;
  CLI::App program("Echoes lines with POCO; prints \"ready PORT\" and serves until SIGTERM.");
  program.add_option("--port", port, "Port on 127.0.0.1; 0: any free one")->capture_default_str();
  program.add_flag("--once", once, "Answer one line, then close the connection");
  CLI11_PARSE(program, argc, argv);

  // Blocked before there are threads, so that all of them leave it to sigwait.
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &stop, nullptr);

  Poco::Net::ServerSocket listener(Poco::Net::SocketAddress("127.0.0.1", port), kQueue);
  Poco::ThreadPool pool(2, kThreads);
  Poco::Net::TCPServerParams::Ptr params = new Poco::Net::TCPServerParams;
  params->setMaxThreads(kThreads);
  params->setMaxQueued(kThreads);
  Poco::Net::TCPServer server(new EchoFactory(once), pool, listener, params);
  server.start();
  std::cout << "ready " << listener.address().port() << " POCO " << POCO_VERSION / 0x1000000 << '.'
            << POCO_VERSION / 0x10000 % 0x100 << '.' << POCO_VERSION / 0x100 % 0x100 << std::endl;
  int signal = 0;
  sigwait(&stop, &signal);
  std::_Exit(0);
}
