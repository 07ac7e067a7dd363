// A server by xmlrpc-c, as its users write one: `echo` returns its parameters, `sum` adds two
// numbers, `fail` fails. Prints its port and ends on SIGTERM.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xmlrpc-c/base.h>
#include <xmlrpc-c/server.h>
#include <xmlrpc-c/server_abyss.h>

#include <csignal>
#include <cstdio>

namespace {

xmlrpc_value* echo(xmlrpc_env* /*env*/, xmlrpc_value* params, void* /*info*/, void* /*call*/) {
  xmlrpc_INCREF(params);
  return params;
}

xmlrpc_value* sum(xmlrpc_env* env, xmlrpc_value* params, void* /*info*/, void* /*call*/) {
  xmlrpc_int32 a = 0;
  xmlrpc_int32 b = 0;
  xmlrpc_decompose_value(env, params, "(ii)", &a, &b);
  return env->fault_occurred ? nullptr : xmlrpc_build_value(env, "i", a + b);
}

xmlrpc_value* fail(xmlrpc_env* env, xmlrpc_value* /*params*/, void* /*info*/, void* /*call*/) {
  xmlrpc_env_set_fault(env, 42, "as asked");
  return nullptr;
}

void end(int) {
  ::_exit(0);
}

}  // namespace

int main() {
  std::signal(SIGTERM, end);
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const place = reinterpret_cast<sockaddr*>(&address);
  // Abyss listens only once it runs, and a client of the printed port must not come before that.
  if (::bind(listener, place, length) != 0 || ::listen(listener, SOMAXCONN) != 0 ||
      ::getsockname(listener, place, &length) != 0)
    return 1;

  xmlrpc_env env;
  xmlrpc_env_init(&env);
  xmlrpc_registry* const registry = xmlrpc_registry_new(&env);
  xmlrpc_registry_add_method2(&env, registry, "echo", echo, "?", "Returns its parameters.",
                              nullptr);
  xmlrpc_registry_add_method2(&env, registry, "sum", sum, "i:ii", "Adds.", nullptr);
  xmlrpc_registry_add_method2(&env, registry, "fail", fail, "i:", "Fails.", nullptr);

  xmlrpc_server_abyss_parms parameters{};
  parameters.config_file_name = nullptr;
  parameters.registryP = registry;
  parameters.socket_bound = 1;
  parameters.socket_handle = listener;
  if (env.fault_occurred) return 1;
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  xmlrpc_server_abyss(&env, &parameters, XMLRPC_APSIZE(socket_handle));
  std::fprintf(stderr, "%s\n", env.fault_string);
  return 1;
}
