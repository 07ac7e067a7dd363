// A client by xmlrpc-c: makes each call of standard input, a document a line, and prints what comes
// back as a response in one line. Argument: URL.

#include <xmlrpc-c/base.h>
#include <xmlrpc-c/client.h>

#include <cstdlib>
#include <iostream>
#include <string>

namespace {

std::string one_line(xmlrpc_mem_block* block) {
  std::string text(XMLRPC_MEMBLOCK_CONTENTS(char, block), XMLRPC_MEMBLOCK_SIZE(char, block));
  std::erase(text, '\r');
  std::erase(text, '\n');
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  xmlrpc_env env;
  xmlrpc_env_init(&env);
  xmlrpc_client_init2(&env, XMLRPC_CLIENT_NO_FLAGS, "conformance", "1", nullptr, 0);
  if (env.fault_occurred) return 1;
  for (std::string call; std::getline(std::cin, call);) {
    xmlrpc_env_clean(&env);
    xmlrpc_env_init(&env);
    const char* method = nullptr;
    xmlrpc_value* params = nullptr;
    xmlrpc_parse_call(&env, call.data(), call.size(), &method, &params);
    if (env.fault_occurred) return 1;
    xmlrpc_server_info* const server = xmlrpc_server_info_new(&env, argv[1]);
    xmlrpc_value* const result = xmlrpc_client_call_server_params(&env, server, method, params);

    xmlrpc_env written;
    xmlrpc_env_init(&written);
    xmlrpc_mem_block* const block = xmlrpc_mem_block_new(&written, 0);
    if (env.fault_occurred) {
      xmlrpc_serialize_fault(&written, block, &env);
    } else {
      xmlrpc_serialize_response(&written, block, result);
      xmlrpc_DECREF(result);
    }
    if (written.fault_occurred) return 1;
    std::cout << one_line(block) << std::endl;
    xmlrpc_mem_block_free(block);
    xmlrpc_server_info_free(server);
    xmlrpc_DECREF(params);
    std::free(const_cast<char*>(method));
  }
  xmlrpc_client_cleanup();
}
