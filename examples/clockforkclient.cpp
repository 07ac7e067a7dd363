// Asks clockforkserver for the time again and again, with pauses of 3 to 10 seconds (E24).
//
//   clockforkclient [PORT=12091] [ROUNDS] [--sleep SECONDS]

#include <chrono>
#include <iostream>
#include <random>
#include <string>
#include <thread>

#include <socketserver/socketserver.hpp>

#include "clock.hpp"
#include "example_support.hpp"

int main(int argc, char** argv) {
  example::Arguments arguments(argc, argv);
  const auto fixed_pause = arguments.option("--sleep");
  const auto& words = arguments.words();
  auto socket = socketserver::Socket::connect({"localhost", arguments.port(0, 12091)});
  std::cout << "client is connected" << std::endl;

  std::random_device random;
  std::uniform_int_distribution<int> pause(3, 10);
  for (int round = 0; words.size() < 2 || round < std::stoi(words[1]); ++round) {
    socket.sendall(example::clock_question());
    const std::string answer = socket.recv(example::kQuestionSize);
    if (answer.empty()) break;  // the server has gone
    std::cout << answer << std::endl;
    const int seconds = fixed_pause ? std::stoi(*fixed_pause) : pause(random);
    std::cout << "client sleeps for " << seconds << " seconds" << std::endl;
    std::this_thread::sleep_for(std::chrono::seconds(seconds));
  }
}
