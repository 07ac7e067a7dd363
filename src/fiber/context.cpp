#include "fiber/context.hpp"

#include <cxxabi.h>

#include <boost/context/detail/fcontext.hpp>
#include <cerrno>
#include <cstring>
#include <exception>

namespace socketserver::detail {

namespace fcontext = boost::context::detail;

/// What happens on the other side of a switch.
struct Arrival {
  SOCKETSERVER_ALWAYS_INLINE static Context& complete(fcontext::transfer_t transfer) noexcept {
    auto& from = *static_cast<Context*>(transfer.data);
    Context& to = *from.switched_to_;
    from.stack_pointer_ = transfer.fctx;
    to.sanitizer_.arrive_from(from.sanitizer_);
    return to;
  }

  [[noreturn]] static void begin(fcontext::transfer_t transfer) noexcept {
    Context& self = complete(transfer);
    errno = 0;
    self.entry_(self);
    std::terminate();
  }
};

void Context::adopt_thread() noexcept {
  live_exceptions_ = abi::__cxa_get_globals();
  sanitizer_.adopt_thread();
}

void Context::create(std::byte* bottom, std::byte* top, Entry entry,
                     const Context& thread) noexcept {
  const auto size = static_cast<std::size_t>(top - bottom);
  stack_pointer_ = fcontext::make_fcontext(top, size, Arrival::begin);
  live_exceptions_ = thread.live_exceptions_;
  exceptions_ = {};
  entry_ = entry;
  sanitizer_.create(bottom, size);
}

void Context::switch_to(Context& to) noexcept {
  const int saved_errno = errno;
  exchange_exceptions(to);
  switched_to_ = &to;
  sanitizer_.leave_for(to.sanitizer_);
  Arrival::complete(fcontext::jump_fcontext(to.stack_pointer_, this));
  errno = saved_errno;
}

void Context::end_in(Context& to) noexcept {
  exchange_exceptions(to);
  switched_to_ = &to;
  sanitizer_.end_in(to.sanitizer_);
  fcontext::jump_fcontext(to.stack_pointer_, this);
  std::terminate();
}

void Context::exchange_exceptions(const Context& to) noexcept {
  std::memcpy(exceptions_.data(), live_exceptions_, exceptions_.size());
  std::memcpy(live_exceptions_, to.exceptions_.data(), to.exceptions_.size());
}

}  // namespace socketserver::detail
