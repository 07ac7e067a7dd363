#pragma once

// The twelve methods by which implementations of XML-RPC are tried against each other.

#include <sys/utsname.h>

#include <string>
#include <utility>
#include <vector>

#include <socketserver/xmlrpc.hpp>

namespace example::interop_echo {

using socketserver::SimpleXMLRPCDispatcher;
using socketserver::xmlrpc::Binary;
using socketserver::xmlrpc::DateTime;
using socketserver::xmlrpc::Struct;
using socketserver::xmlrpc::Value;

/// Returns what it is given, which must be a T.
template <class T>
T echo(T value) {
  return value;
}

inline Struct which_toolkit() {
  utsname system{};
  ::uname(&system);
  return {{"toolkitDocsUrl", "docs/xmlrpc.md"},
          {"toolkitName", "socketserver"},
          {"toolkitVersion", "0.1.0"},
          {"toolkitOperatingSystem", system.sysname}};
}

inline void register_functions(SimpleXMLRPCDispatcher& server) {
  const auto add = [&server](std::string name, auto function) {
    server.register_function(function, "interopEchoTests." + std::move(name));
  };
  add("echoString", echo<std::string>);
  add("echoStringArray", echo<std::vector<std::string>>);
  add("echoInteger", echo<int>);
  add("echoIntegerArray", echo<std::vector<int>>);
  add("echoFloat", echo<double>);
  add("echoFloatArray", echo<std::vector<double>>);
  add("echoStruct", echo<Struct>);
  add("echoStructArray", echo<std::vector<Struct>>);
  add("echoValue", echo<Value>);
  add("echoBase64", echo<Binary>);
  add("echoDate", echo<DateTime>);
  add("whichToolkit", which_toolkit);
}

}  // namespace example::interop_echo
