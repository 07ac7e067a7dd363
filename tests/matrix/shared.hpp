#pragma once

#include <sys/mman.h>

#include <new>
#include <utility>

#include <socketserver/base/error.hpp>

namespace socketserver::matrix {

/// A `T` that this process and its forked children have in common.
///
/// `T` needs nothing from outside itself: atomics and arrays of them, no pointers to the heap.
template <class T>
class Shared {
 public:
  Shared() {
    void* const memory =
        ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw_os_error(last_error(), "mmap");
    value_ = new (memory) T;
  }
  ~Shared() { ::munmap(value_, sizeof(T)); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  T* operator->() const noexcept { return value_; }
  T& operator*() const noexcept { return *value_; }

 private:
  T* value_ = nullptr;
};

}  // namespace socketserver::matrix
