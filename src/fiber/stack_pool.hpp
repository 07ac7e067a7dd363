#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace socketserver::detail {

/// Stacks for fibers: handed out last-in-first-out, so that a busy loop goes on using the few whose
/// memory is in the caches, and given back to the system when a burst is over.
///
/// Stacks are cut from large mappings (slabs). Each has a guard page at its low end. Where the
/// kernel can guard pages without a mapping for each (MADV_GUARD_INSTALL, Linux 6.13), a slab stays
/// one mapping, so that the limit vm.max_map_count does not limit the number of fibers; elsewhere
/// mprotect(2) makes two of each stack. Pages are committed when they are first touched.
///
/// Thread safety: one thread at a time. Lifetime: outlives its stacks.
class StackPool {
 public:
  struct Slab;

  /// What keeps a stack from growing into its neighbour.
  enum class Guard { best, mprotect };

  /// Memory that a fiber may use.
  struct Stack {
    std::byte* bottom;  ///< The lowest byte; below it is the guard page.
    std::byte* top;     ///< Past the highest byte; page-aligned.
    Slab* slab;
  };

  /// This many stacks stay as they are, however long nobody needs them.
  static constexpr std::size_t kKeptStacks = 16;

  /// @param stack_size  of one stack with its guard page, in bytes; rounded up to whole pages.
  explicit StackPool(std::size_t stack_size, Guard guard = Guard::best);
  StackPool(const StackPool&) = delete;
  StackPool& operator=(const StackPool&) = delete;
  ~StackPool();

  /// @throws OSError "mmap fiber stacks" or "guard fiber stack"; std::bad_alloc.
  Stack take();

  /// Takes back what `take` gave out.
  void give(const Stack& stack) noexcept;

  /// Whether a further `reap` will find something to do.
  bool wants_reap() const noexcept { return unsettled_ && free_.size() > kKeptStacks; }

  /// To be called now and then: gives the memory of stacks that nobody needed since the last call
  /// back to the system, all but `kKeptStacks`.
  void reap() noexcept;

  /// Address space that slabs occupy, in bytes.
  std::size_t mapped() const noexcept { return slabs_.size() * slab_size_; }

 private:
  struct Free {
    Stack stack;
    bool committed;  // some of its pages may be
  };

  Stack cut();
  void add_slab();
  void guard(std::byte* page);
  void release(std::size_t surplus) noexcept;

  const std::size_t page_size_;
  const std::size_t stack_size_;
  const std::size_t slab_size_;
  Guard guard_;
  std::vector<std::unique_ptr<Slab>> slabs_;
  Slab* cutting_ = nullptr;      // the slab that new stacks are cut from
  std::vector<Free> free_;       // the end is used first; has room for every stack there is
  std::size_t fewest_free_ = 0;  // since the last reap: as many, from the front, were not needed
  bool unsettled_ = false;       // something came back since the last reap, or it was not finished
};

}  // namespace socketserver::detail
