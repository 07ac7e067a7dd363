#pragma once

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace socketserver::bench {

/// Counts latencies in buckets that grow with the value: the error stays below 1.6 %.
class Histogram {
 public:
  void record(std::chrono::nanoseconds latency, std::uint64_t times) {
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(latency.count(), 0));
    counts_[bucket_of(value)] += times;
    total_ += times;
  }

  /// The latency that this share of all (0 to 1) did not exceed; 0 when nothing was recorded.
  std::chrono::nanoseconds percentile(double share) const {
    const auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total_)));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
      seen += counts_[bucket];
      if (seen >= rank && seen > 0) return std::chrono::nanoseconds(highest_in(bucket));
    }
    return {};
  }

 private:
  // Values below 2^7 have a bucket each; above, every power of two is divided into 2^6 buckets.
  static constexpr unsigned kBits = 6;
  static constexpr std::size_t kBuckets = (64 - kBits + 1) << kBits;

  static std::size_t bucket_of(std::uint64_t value) {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    const unsigned shift = width > kBits + 1 ? width - (kBits + 1) : 0;
    return (std::size_t{shift} << kBits) + static_cast<std::size_t>(value >> shift);
  }

  static std::int64_t highest_in(std::size_t bucket) {
    const std::size_t power = bucket >> kBits;
    const std::size_t shift = power > 1 ? power - 1 : 0;
    const std::uint64_t leading = bucket - (shift << kBits);
    return static_cast<std::int64_t>(((leading + 1) << shift) - 1);
  }

  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(kBuckets);
  std::uint64_t total_ = 0;
};

}  // namespace socketserver::bench
