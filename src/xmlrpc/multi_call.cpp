#include <socketserver/xmlrpc/multi_call.hpp>
#include <stdexcept>

namespace socketserver::xmlrpc {

const Value& MultiCallIterator::operator[](std::size_t index) const {
  const Value& result = results_.at(index);
  if (const auto* values = result.get_if<Array>(); values && values->size() == 1) {
    return values->front();
  }
  if (const auto* members = result.get_if<Struct>()) {
    const Value* code = members->find("faultCode");
    const Value* text = members->find("faultString");
    if (code && text && code->is<std::int64_t>() && text->is<std::string>()) {
      throw Fault(code->as<int>(), text->as<std::string>());
    }
  }
  throw ResponseError("unexpected type in multicall result: " + std::string(result.type_name()));
}

void MultiCall::record(std::string_view name, Array params) {
  calls_.emplace_back(Struct{{"methodName", name}, {"params", std::move(params)}});
}

MultiCallIterator MultiCall::operator()() const {
  Value results = caller_->call_with("system.multicall", make_params(calls_));
  auto* array = results.get_if<Array>();
  if (!array || array->size() != calls_.size()) {
    throw ResponseError("a multicall of " + std::to_string(calls_.size()) +
                        " calls was answered with " +
                        (array ? std::to_string(array->size()) + " results"
                               : "a value of type " + std::string(results.type_name())));
  }
  return MultiCallIterator(std::move(*array));
}

}  // namespace socketserver::xmlrpc
