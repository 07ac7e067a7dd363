#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/archive/formats.hpp>
#include <socketserver/http/simple_handler.hpp>
#include <socketserver/server/fiber_mixin.hpp>

#include "tests/unit/http/answer.hpp"
#include "tests/unit/http/temporary_tree.hpp"
#include "tests/unit/http/web_server.hpp"

namespace socketserver::testing {
namespace {

TEST(Archive, placeholder) {}

}  // namespace
}  // namespace socketserver::testing
