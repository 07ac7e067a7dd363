// Clients guess a number, until one of them has found it (E27).
// With --forking every guess goes to a process of its own, and none hears of the others.
//
//   secret_server [PORT=11002] [--secret N | --max N=10] [--forking]

#include <atomic>
#include <iostream>
#include <random>
#include <string>
#include <syncstream>

#include <socketserver/socketserver.hpp>

#include "bytes.hpp"
#include "choose_server.hpp"

namespace {

class Game {
 public:
  explicit Game(int secret) : secret_(std::to_string(secret)) {}

  const char* answer_to(const std::string& guess) {
    if (found_) return "secret found";
    if (guess != secret_) return "wrong";
    // Of two that are right at the same time one is the first.
    return found_.exchange(true) ? "secret found" : "right";
  }

 private:
  const std::string secret_;
  std::atomic<bool> found_ = false;
};

int random_number(int most) {
  std::random_device random;
  return std::uniform_int_distribution(1, most)(random);
}

}  // namespace

int main(int argc, char** argv) {
  example::Arguments arguments(argc, argv);
  const int most = std::stoi(arguments.option("--max").value_or("10"));
  const auto given = arguments.option("--secret");
  const int secret = given ? std::stoi(*given) : random_number(most);
  Game game(secret);
  std::cout << "the secret is " << secret << std::endl;

  const auto guesses = [&game](socketserver::StreamRequestHandler& self) {
    const std::string guess = example::strip(self.rfile().readline().value_or(""));
    const char* const answer = game.answer_to(guess);
    std::osyncstream(std::cout) << self.client_address().host() << " guessed " << guess << ": "
                                << answer << std::endl;
    self.wfile() << answer;
  };
  const auto server = example::choose_server(arguments, 11002, guesses);
  arguments.announce(*server);
  server->serve_forever();
}
