// Visitors guess a word, until one of them has found it: http://localhost:8000/python (E28).
//
//   web_guess [PORT=8000] [--secret WORD]

#include <mutex>
#include <random>
#include <string>
#include <string_view>

#include <socketserver/http_server.hpp>

#include "example_support.hpp"

using namespace socketserver;

class Game {
 public:
  explicit Game(std::string secret) : secret_(std::move(secret)) {}

  // Each request has a thread of its own, and of two right guesses one is the first.
  std::string_view answer_to(std::string_view guess) {
    const std::lock_guard lock(mutex_);
    if (found_) return "secret found";
    if (guess != secret_) return "wrong";
    found_ = true;
    return "right";
  }

 private:
  const std::string secret_;
  Mutex mutex_;
  bool found_ = false;
};

struct GuessHandler : BaseHTTPRequestHandler {
  explicit GuessHandler(Game& its_game) : game(its_game) {}
  void do_GET() override {
    std::string guess = http::percent_decode(http::split_target(path()).path);
    if (guess.starts_with('/')) guess.erase(0, 1);
    if (guess == "favicon.ico") return send_error(404);  // browsers ask for it by themselves
    if (guess.empty()) return send_page("Guess my word: put it behind the slash of the address.");
    send_page(http::escape_html(guess) + ": " + std::string(game.answer_to(guess)));
  }

  void send_page(const std::string& text) {
    send_text(200, "<!DOCTYPE html>\n<title>Guess</title>\n<p>" + text + "</p>\n",
              "text/html; charset=utf-8");
  }

  Game& game;
};

int main(int argc, char** argv) {
  example::Arguments arguments(argc, argv);
  constexpr const char* kWords[] = {"mutex", "python", "server", "socket", "thread"};
  Game game(arguments.option("--secret").value_or(kWords[std::random_device()() % 5]));
  ThreadingHTTPServer server({"", arguments.port(0, 8000)}, handler<GuessHandler>(std::ref(game)));
  arguments.announce(server);
  server.serve_forever();
}
