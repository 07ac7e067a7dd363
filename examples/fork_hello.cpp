// A process and the children that it makes, one for each line of input; "q" ends it (E23).
//
//   fork_hello

#include <sys/wait.h>
#include <unistd.h>

#include <iostream>
#include <string>

namespace {

[[noreturn]] void child() {
  std::cout << "hello from child " << ::getpid() << std::endl;
  ::_exit(0);
}

}  // namespace

int main() {
  for (std::string line; line != "q";) {
    const pid_t new_pid = ::fork();
    if (new_pid == 0) child();
    std::cout << "hello from parent " << ::getpid() << ' ' << new_pid << std::endl;
    const bool at_end = !std::getline(std::cin, line);
    ::waitpid(new_pid, nullptr, 0);  // or it would stay as a zombie
    if (at_end) break;
  }
}
