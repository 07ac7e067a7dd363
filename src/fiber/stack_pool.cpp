#include "fiber/stack_pool.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <socketserver/base/error.hpp>

namespace socketserver::detail {
namespace {

constexpr std::size_t kStacksPerSlab = 64;

// Newer than the headers of the C library that many systems have.
constexpr int kMadvGuardInstall = 102;

std::size_t page_size() noexcept {
  return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::size_t round_up(std::size_t size, std::size_t unit) noexcept {
  return (size + unit - 1) / unit * unit;
}

}  // namespace

struct StackPool::Slab {
  /// Maps `length` bytes.
  explicit Slab(std::size_t length);
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;
  ~Slab() { ::munmap(begin, size); }

  std::byte* begin;
  const std::size_t size;
  std::size_t cut = 0;     // stacks that were ever handed out
  std::size_t unused = 0;  // those of them that a reap is about to give back
};

StackPool::Slab::Slab(std::size_t length) : size(length) {
  // NORESERVE: most of it will never be touched.
  void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (memory == MAP_FAILED) throw_os_error(last_error(), "mmap fiber stacks");
  // A huge page would commit the stacks of eight fibers at the first touch. Fails where the kernel
  // has none.
  ::madvise(memory, size, MADV_NOHUGEPAGE);
  begin = static_cast<std::byte*>(memory);
}

StackPool::StackPool(std::size_t stack_size, Guard guard)
    : page_size_(page_size()),
      stack_size_(round_up(stack_size, page_size_)),
      slab_size_(stack_size_ * kStacksPerSlab),
      guard_(guard) {}

StackPool::~StackPool() = default;

StackPool::Stack StackPool::take() {
  if (free_.empty()) return cut();
  const Stack stack = free_.back().stack;
  free_.pop_back();
  fewest_free_ = std::min(fewest_free_, free_.size());
  return stack;
}

void StackPool::give(const Stack& stack) noexcept {
  free_.push_back({stack, true});
  unsettled_ = true;
}

StackPool::Stack StackPool::cut() {
  if (!cutting_ || cutting_->cut == kStacksPerSlab) add_slab();
  std::byte* const begin = cutting_->begin + cutting_->cut * stack_size_;
  guard(begin);
  ++cutting_->cut;
  return {begin + page_size_, begin + stack_size_, cutting_};
}

void StackPool::add_slab() {
  // Room for every stack to come back, so that `give` cannot fail.
  const std::size_t stacks = (slabs_.size() + 1) * kStacksPerSlab;
  if (free_.capacity() < stacks) free_.reserve(std::max(stacks, 2 * free_.capacity()));
  slabs_.push_back(std::make_unique<Slab>(slab_size_));
  cutting_ = slabs_.back().get();
}

void StackPool::guard(std::byte* page) {
  if (guard_ == Guard::best) {
    if (::madvise(page, page_size_, kMadvGuardInstall) == 0) return;
    guard_ = Guard::mprotect;
  }
  if (::mprotect(page, page_size_, PROT_NONE) != 0) {
    throw_os_error(last_error(), "guard fiber stack");
  }
}

void StackPool::reap() noexcept {
  const std::size_t idle = std::exchange(fewest_free_, free_.size());
  // While stacks came and went, some that were needed a moment ago may not be next time.
  unsettled_ = idle < free_.size();
  if (idle > kKeptStacks) release(idle - kKeptStacks);
  fewest_free_ = free_.size();
}

void StackPool::release(std::size_t surplus) noexcept {
  const auto end = free_.begin() + static_cast<std::ptrdiff_t>(surplus);
  std::for_each(free_.begin(), end, [](const Free& idle) { ++idle.stack.slab->unused; });

  // Slabs of which no stack is needed go as a whole, with their page tables; of the others only the
  // memory goes.
  const auto kept = std::remove_if(free_.begin(), end, [](Free& idle) {
    const Slab& slab = *idle.stack.slab;
    if (slab.unused == slab.cut) return true;
    if (std::exchange(idle.committed, false)) {
      const auto size = static_cast<std::size_t>(idle.stack.top - idle.stack.bottom);
      ::madvise(idle.stack.bottom, size, MADV_DONTNEED);
    }
    return false;
  });
  free_.erase(kept, end);
  std::erase_if(slabs_, [this](const std::unique_ptr<Slab>& slab) {
    const bool unused = slab->cut > 0 && slab->unused == slab->cut;
    slab->unused = 0;
    if (unused && slab.get() == cutting_) cutting_ = nullptr;
    return unused;
  });
}

}  // namespace socketserver::detail
