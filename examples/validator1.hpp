#pragma once

// The eight methods of validator1, UserLand's test of XML-RPC servers.

#include <algorithm>
#include <string>
#include <vector>

#include <socketserver/xmlrpc.hpp>

namespace example::validator1 {
namespace xmlrpc = socketserver::xmlrpc;
using xmlrpc::Struct;
inline int sum_of_stooges(const Struct& stooges) {
  return stooges.at("moe").as<int>() + stooges.at("larry").as<int>() +
         stooges.at("curly").as<int>();
}

inline int sum_of_curlies(const std::vector<Struct>& all) {
  int sum = 0;
  for (const Struct& stooges : all) sum += stooges.at("curly").as<int>();
  return sum;
}

inline Struct count_entities(const std::string& text) {
  const auto count = [&](char c) { return std::ranges::count(text, c); };
  return {{"ctLeftAngleBrackets", count('<')},
          {"ctRightAngleBrackets", count('>')},
          {"ctAmpersands", count('&')},
          {"ctApostrophes", count('\'')},
          {"ctQuotes", count('"')}};
}

inline void register_functions(socketserver::SimpleXMLRPCDispatcher& server) {
  server.register_function(sum_of_stooges, "validator1.easyStructTest");
  server.register_function(sum_of_curlies, "validator1.arrayOfStructsTest");
  server.register_function(count_entities, "validator1.countTheEntities");
  server.register_function([](Struct s) { return s; }, "validator1.echoStructTest");
  server.register_function(
      [](int i, bool b, const std::string& s, double d, const xmlrpc::DateTime& t,
         const xmlrpc::Binary& raw) { return xmlrpc::Array{i, b, s, d, t, raw}; },
      "validator1.manyTypesTest");
  server.register_function(
      [](const std::vector<std::string>& texts) {
        return texts.empty() ? "" : texts.front() + texts.back();
      },
      "validator1.moderateSizeArrayCheck");
  server.register_function(
      [](const Struct& calendar) {
        return sum_of_stooges(calendar.at("2000")["04"]["01"].as<Struct>());
      },
      "validator1.nestedStructTest");
  server.register_function(
      [](int n) {
        return Struct{{"times10", n * 10L}, {"times100", n * 100L}, {"times1000", n * 1000L}};
      },
      "validator1.simpleStructReturnTest");
}

}  // namespace example::validator1
