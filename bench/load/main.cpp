// bench_load: loads a server on this machine and prints what it cost, as one line of JSON.

#include <CLI/CLI.hpp>
#include <chrono>
#include <exception>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <map>
#include <string>

#include "load/generator.hpp"
#include "load/idle.hpp"
#include "load/options.hpp"

namespace socketserver::bench {
namespace {

constexpr int kFailed = 1;

const std::map<std::string, Workload> kWorkloads = {
    {"echo", Workload::echo},           {"udp", Workload::udp},
    {"connect", Workload::connect},     {"idle", Workload::idle},
    {"http", Workload::http},           {"http-close", Workload::http_close},
    {"http-idle", Workload::http_idle},
};

double microseconds(std::chrono::nanoseconds span) {
  return std::chrono::duration<double, std::micro>(span).count();
}

void print(const Measurement& measured) {
  const auto requests = static_cast<double>(measured.requests);
  std::cout << std::setprecision(9) << "{\"requests\": " << measured.requests
            << ", \"seconds\": " << measured.elapsed.count()
            << ", \"requests_per_second\": " << requests / measured.elapsed.count()
            << ", \"cpu_us_per_request\": " << microseconds(measured.server_cpu) / requests
            << ", \"p50_us\": " << microseconds(measured.latency.percentile(0.5))
            << ", \"p99_us\": " << microseconds(measured.latency.percentile(0.99))
            << ", \"p999_us\": " << microseconds(measured.latency.percentile(0.999)) << "}\n";
}

void print(const IdleMeasurement& measured) {
  const auto growth =
      static_cast<double>(measured.memory_after) - static_cast<double>(measured.memory_before);
  std::cout << std::setprecision(9) << "{\"connections\": " << measured.connections
            << ", \"memory_before\": " << measured.memory_before
            << ", \"memory_after\": " << measured.memory_after
            << ", \"bytes_per_connection\": " << growth / static_cast<double>(measured.connections)
            << "}\n";
}

std::string contents_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  file.exceptions(std::ios::badbit | std::ios::failbit);
  return {std::istreambuf_iterator<char>(file), {}};
}

Options parse(CLI::App& program, int argc, char** argv) {
  Options options;
  std::string workload;
  std::string body_file;
  std::string post_file;
  const CLI::Range counts(1, 1'000'000);
  program.add_option("--workload", workload, "What to ask the server for")
      ->required()
      ->check(CLI::IsMember(&kWorkloads));
  program.add_option("--port", options.port, "Port of the server on 127.0.0.1")->required();
  program.add_option("--pid", options.pid, "Process of the server")->required();
  program.add_option("--connections", options.connections, "Connections at the same time")
      ->check(counts)
      ->capture_default_str();
  program
      .add_option("--seconds", options.seconds,
                  "How long to measure, or until a request is answered")
      ->capture_default_str();
  program.add_option("--warmup", options.warmup, "Seconds of load before")->capture_default_str();
  program.add_option("--pipeline", options.pipeline, "Requests sent together (echo, http)")
      ->check(counts)
      ->capture_default_str();
  program.add_option("--payload", options.payload, "Bytes of a line or datagram")
      ->check(CLI::Range(1, 65'000))
      ->capture_default_str();
  program.add_option("--target", options.target, "What GET asks for, or POST sends to")
      ->capture_default_str();
  program.add_option("--post-file", post_file, "A file whose contents are sent by POST (http)")
      ->check(CLI::ExistingFile);
  program
      .add_option(
          "--body-file", body_file,
          "A file with the body that every request must be answered with (default: always the "
          "same)")
      ->check(CLI::ExistingFile);
  program.add_option("--body-part", options.body_part, "What every body must hold (http)");
  program.add_option("--body-parts", options.body_parts, "How many times it must hold that")
      ->check(counts)
      ->capture_default_str();
  program.parse(argc, argv);
  options.workload = kWorkloads.at(workload);
  if (!body_file.empty()) options.body = contents_of(body_file);
  if (!post_file.empty()) options.post = contents_of(post_file);
  const bool can_pipeline =
      options.workload == Workload::echo || options.workload == Workload::http;
  if (options.pipeline > 1 && !can_pipeline) {
    throw CLI::ValidationError("--pipeline", "is for echo and http");
  }
  if (!post_file.empty() && options.workload != Workload::http) {
    throw CLI::ValidationError("--post-file", "is for http");
  }
  return options;
}

int run(int argc, char** argv) {
  CLI::App program(
      "Loads a server on 127.0.0.1 and prints its cost as JSON; fails on a wrong byte.");
  try {
    const Options options = parse(program, argc, argv);
    if (is_idle(options.workload)) {
      print(measure_idle(options));
    } else {
      print(Generator(options).run());
    }
    return 0;
  } catch (const CLI::ParseError& error) {
    return program.exit(error);
  } catch (const std::exception& error) {
    std::cerr << "bench_load: " << error.what() << '\n';
    return kFailed;
  }
}

}  // namespace
}  // namespace socketserver::bench

int main(int argc, char** argv) {
  return socketserver::bench::run(argc, argv);
}
