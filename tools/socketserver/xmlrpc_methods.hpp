#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include <socketserver/xmlrpc/codec/value.hpp>
#include <socketserver/xmlrpc/server_proxy.hpp>

namespace socketserver::tool {

/// What a server tells of a method of its own.
struct RemoteMethodInfo {
  std::string name;
  xmlrpc::Array signatures;  ///< Each an array of type names, the result's first; empty: unknown.
  std::string help;          ///< "": none.
};

/// Asks for all methods with their signatures and help: in two requests where the server has
/// `system.multicall`, else with two requests for each method. What it does not tell stays empty.
///
/// @throws as ServerProxy when the names alone cannot be had.
std::vector<RemoteMethodInfo> remote_methods(xmlrpc::ServerProxy& proxy);

/// Writes them for people: `add(int, int) -> int`, the help indented below.
void print_methods(std::ostream& out, const std::vector<RemoteMethodInfo>& methods);

/// The same for programs: an array of structs.
xmlrpc::Value methods_value(const std::vector<RemoteMethodInfo>& methods);

}  // namespace socketserver::tool
