#include "xmlrpc_demo.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <variant>

#include <socketserver/xmlrpc/codec/fault.hpp>
#include <socketserver/xmlrpc/codec/value.hpp>

#include "examples/interop_echo.hpp"
#include "examples/validator1.hpp"

namespace socketserver::tool {
namespace {

using xmlrpc::Value;

using Whole = std::int64_t;
using Number = std::variant<Whole, double>;

constexpr const char* kOverflow = "the result has more than 64 bits";

bool are_whole(const Number& a, const Number& b) {
  return std::holds_alternative<Whole>(a) && std::holds_alternative<Whole>(b);
}

double as_double(const Number& number) {
  return std::visit([](auto value) { return static_cast<double>(value); }, number);
}

/// XML-RPC has no infinity and no NaN.
Number finite(double value) {
  if (!std::isfinite(value)) throw std::overflow_error("the result is no finite number");
  return value;
}

Whole times(Whole a, Whole b) {
  Whole product = 0;
  if (__builtin_mul_overflow(a, b, &product)) throw std::overflow_error(kOverflow);
  return product;
}

Number add(const Number& a, const Number& b) {
  if (!are_whole(a, b)) return finite(as_double(a) + as_double(b));
  Whole sum = 0;
  if (__builtin_add_overflow(std::get<Whole>(a), std::get<Whole>(b), &sum)) {
    throw std::overflow_error(kOverflow);
  }
  return sum;
}

/// By squaring; no square is taken that the result has no use for, lest it overflow.
Whole power(Whole base, Whole exponent) {
  Whole result = 1;
  for (;;) {
    if (exponent % 2 != 0) result = times(result, base);
    exponent /= 2;
    if (exponent == 0) return result;
    base = times(base, base);
  }
}

Number pow(const Number& x, const Number& y) {
  if (are_whole(x, y) && std::get<Whole>(y) >= 0)
    return power(std::get<Whole>(x), std::get<Whole>(y));
  const double base = as_double(x);
  const double exponent = as_double(y);
  if (base == 0 && exponent < 0) throw std::domain_error("0 to a negative power");
  if (base < 0 && std::trunc(exponent) != exponent) {
    throw std::domain_error("a negative number to a fractional power");
  }
  return finite(std::pow(base, exponent));
}

Number div(const Number& x, const Number& y) {
  if (as_double(y) == 0) throw std::domain_error("division by zero");
  if (!are_whole(x, y)) return finite(std::floor(as_double(x) / as_double(y)));
  const Whole dividend = std::get<Whole>(x);
  const Whole divisor = std::get<Whole>(y);
  if (divisor == -1 && dividend == std::numeric_limits<Whole>::min()) {
    throw std::overflow_error(kOverflow);
  }
  // C++ rounds towards zero.
  const bool is_below = dividend % divisor != 0 && (dividend < 0) != (divisor < 0);
  return dividend / divisor - (is_below ? 1 : 0);
}

Value fail(int code, const std::string& text) {
  throw xmlrpc::Fault(code, text);
}

}  // namespace

void register_demo(SimpleXMLRPCDispatcher& server) {
  server.register_function([](const Value& x) { return x; }, "echo",
                           {.doc = "Returns what it is given.", .params = {"x"}});
  server.register_function<&add>({.doc = "The sum of two numbers.", .params = {"a", "b"}});
  server.register_function<&pow>(
      {.doc = "x to the power of y; whole when both are and y is not negative.",
       .params = {"x", "y"}});
  server.register_function<&div>(
      {.doc = "x divided by y, rounded down, as // in Python.", .params = {"x", "y"}});
  server.register_function<&fail>(
      {.doc = "Is answered with this fault.", .params = {"code", "text"}});
  example::validator1::register_functions(server);
  example::interop_echo::register_functions(server);
}

}  // namespace socketserver::tool
