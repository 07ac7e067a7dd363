// What XML-RPC costs without a network: whole calls through a dispatcher, and the codec by itself
// beside expat that is given the same bytes and told to keep nothing.

#include <benchmark/benchmark.h>
#include <expat.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <socketserver/xmlrpc/codec/dumps.hpp>
#include <socketserver/xmlrpc/codec/loads.hpp>
#include <socketserver/xmlrpc/dispatcher.hpp>

namespace {

using namespace socketserver;
using xmlrpc::Array;
using xmlrpc::Struct;

constexpr std::size_t kLargeBytes = std::size_t{100} * 1024;
constexpr int kCalls = 1000;

/// Parameters that are one array; braces around it would be a copy of it.
Array sole(Array array) {
  Array params;
  params.emplace_back(std::move(array));
  return params;
}

std::string small_call() {
  return xmlrpc::dumps({2, 3}, {.methodname = "add"});
}

/// An array of structs, a little more than 100 KiB of XML.
std::string large_call() {
  Array goods;
  std::string text;
  while (text.size() < kLargeBytes) {
    for (int i = 0; i < 50; ++i) {
      goods.push_back(Struct{{"name", "nut & bolt"}, {"count", i}, {"price", 2.25}, {"new", true}});
    }
    text = xmlrpc::dumps(sole(goods), {.methodname = "count"});
  }
  return text;
}

std::string multicall() {
  const Array calls(kCalls, Struct{{"methodName", "add"}, {"params", Array{2, 3}}});
  return xmlrpc::dumps(sole(calls), {.methodname = "system.multicall"});
}

void count_bytes(benchmark::State& state, const std::string& text) {
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
}

void answer(benchmark::State& state, std::string (*make)()) {
  SimpleXMLRPCDispatcher dispatcher;
  dispatcher.register_multicall_functions();
  dispatcher.register_function([](int a, int b) { return a + b; }, "add");
  dispatcher.register_function(
      [](const std::vector<Struct>& goods) { return static_cast<int>(goods.size()); }, "count");
  const std::string call = make();
  if (dispatcher._marshaled_dispatch(call).find("<fault>") != std::string::npos) {
    return state.SkipWithError("the answer is a fault");
  }
  for (auto _ : state) benchmark::DoNotOptimize(dispatcher._marshaled_dispatch(call));
  count_bytes(state, call);
}
BENCHMARK_CAPTURE(answer, add, small_call);
BENCHMARK_CAPTURE(answer, array_of_structs, large_call);
BENCHMARK_CAPTURE(answer, multicall, multicall);

void read(benchmark::State& state) {
  const std::string text = large_call();
  for (auto _ : state) benchmark::DoNotOptimize(xmlrpc::loads(text));
  count_bytes(state, text);
}
BENCHMARK(read);

void write(benchmark::State& state) {
  const std::string text = large_call();
  const Array params = xmlrpc::loads(text).params;
  for (auto _ : state) {
    benchmark::DoNotOptimize(xmlrpc::dumps(params, {.methodname = "count"}));
  }
  count_bytes(state, text);
}
BENCHMARK(write);

/// The floor of reading: well-formedness is checked and every event is reported.
void bare_expat(benchmark::State& state) {
  const std::string text = large_call();
  using Parser = std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)>;
  for (auto _ : state) {
    const Parser parser(XML_ParserCreate(nullptr), XML_ParserFree);
    std::size_t events = 0;
    XML_SetUserData(parser.get(), &events);
    XML_SetElementHandler(
        parser.get(),
        [](void* seen, const XML_Char*, const XML_Char**) { ++*static_cast<std::size_t*>(seen); },
        [](void* seen, const XML_Char*) { ++*static_cast<std::size_t*>(seen); });
    XML_SetCharacterDataHandler(
        parser.get(), [](void* seen, const XML_Char*, int) { ++*static_cast<std::size_t*>(seen); });
    if (XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), XML_TRUE) !=
        XML_STATUS_OK) {
      return state.SkipWithError("expat refuses the call");
    }
    benchmark::DoNotOptimize(events);
  }
  count_bytes(state, text);
}
BENCHMARK(bare_expat);

}  // namespace
