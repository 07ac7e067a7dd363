// "Hello, World!" and files with POCO's HTTPServer: a pooled thread for each connection.

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/ThreadPool.h>
#include <Poco/Timespan.h>
#include <Poco/Version.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

namespace {

using Poco::Net::HTTPRequestHandler;
using Poco::Net::HTTPServerRequest;
using Poco::Net::HTTPServerResponse;

constexpr int kThreads = 20'000;
constexpr int kQueue = 4096;
constexpr int kHour = 3600;

class Hello : public HTTPRequestHandler {
 public:
  void handleRequest(HTTPServerRequest&, HTTPServerResponse& response) override {
    constexpr std::string_view kBody = "Hello, World!";
    response.setContentType("text/plain");
    response.sendBuffer(kBody.data(), kBody.size());
  }
};

class Files : public HTTPRequestHandler {
 public:
  explicit Files(const std::string& directory) : directory_(directory) {}

  void handleRequest(HTTPServerRequest& request, HTTPServerResponse& response) override {
    response.sendFile(directory_ + request.getURI(), "application/octet-stream");
  }

 private:
  const std::string& directory_;
};

class Factory : public Poco::Net::HTTPRequestHandlerFactory {
 public:
  explicit Factory(std::string directory) : directory_(std::move(directory)) {}

  HTTPRequestHandler* createRequestHandler(const HTTPServerRequest&) override {
    if (directory_.empty()) return new Hello;
    return new Files(directory_);
  }

 private:
  const std::string directory_;
};

}  // namespace

int main(int argc, char** argv) {
  std::uint16_t port = 0;
  std::string directory;
  CLI::App program("Serves HTTP with POCO; prints \"ready PORT\" and serves until SIGTERM.");
  program.add_option("--port", port, "Port on 127.0.0.1; 0: any free one")->capture_default_str();
  program.add_option("--directory", directory, "Serve its files instead of the greeting")
      ->check(CLI::ExistingDirectory);
  CLI11_PARSE(program, argc, argv);

  // Blocked before there are threads, so that all of them leave it to sigwait.
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &stop, nullptr);

  Poco::Net::ServerSocket listener(Poco::Net::SocketAddress("127.0.0.1", port), kQueue);
  Poco::ThreadPool pool(2, kThreads);
  Poco::Net::HTTPServerParams::Ptr params = new Poco::Net::HTTPServerParams;
  params->setMaxThreads(kThreads);
  params->setMaxQueued(kThreads);
  params->setKeepAlive(true);
  params->setMaxKeepAliveRequests(0);
  params->setKeepAliveTimeout(Poco::Timespan(kHour, 0));
  Poco::Net::HTTPServer server(new Factory(directory), pool, listener, params);
  server.start();
  std::cout << "ready " << listener.address().port() << " POCO " << POCO_VERSION / 0x1000000 << '.'
            << POCO_VERSION / 0x10000 % 0x100 << '.' << POCO_VERSION / 0x100 % 0x100 << std::endl;
  int signal = 0;
  sigwait(&stop, &signal);
  std::_Exit(0);
}
