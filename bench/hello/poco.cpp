// "Hello, World!" with POCO.

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

#include <csignal>

namespace net = Poco::Net;

struct Hello : net::HTTPRequestHandler {
  void handleRequest(net::HTTPServerRequest&, net::HTTPServerResponse& response) override {
    response.setContentType("text/plain");
    response.send() << "Hello, World!";
  }
};

struct Factory : net::HTTPRequestHandlerFactory {
  net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest&) override {
    return new Hello;
  }
};

int main() {
  net::HTTPServer server(new Factory, 8080);
  server.start();
  sigset_t end;
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  int signal = 0;
  sigprocmask(SIG_BLOCK, &end, nullptr);
  sigwait(&end, &signal);
  server.stop();
}
