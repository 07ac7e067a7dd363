#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>
#include <string>

#include <socketserver/base/error.hpp>
#include <socketserver/base/scope_exit.hpp>
#include <socketserver/server/datagram_handler.hpp>
#include <socketserver/server/servers.hpp>
#include <socketserver/testing/datagram_client.hpp>
#include <socketserver/testing/raw_client.hpp>
#include <socketserver/testing/server_thread.hpp>

#include "tests/unit/server/fixtures.hpp"

namespace socketserver {
namespace {

namespace fs = std::filesystem;
using testing::DatagramClient;
using testing::RawClient;
using testing::TestServer;

constexpr uid_t kNobody = 65'534;

/// A directory that is gone after the test, and a path in it.
class UnixServers : public ::testing::Test {
 protected:
  UnixServers() {
    std::string name = (fs::temp_directory_path() / "socketserver-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    path_ = directory_ / "server.sock";
    address_ = Address::unix_path(path_.string());
  }
  ~UnixServers() override { fs::remove_all(directory_); }

  fs::path directory_;
  fs::path path_;
  Address address_;
};

TEST_F(UnixServers, SS_002_are_bound_where_they_say) {
  const UnixStreamServer stream(address_, handler<Echo>());
  EXPECT_EQ(stream.server_address(), address_);
  EXPECT_TRUE(fs::is_socket(path_));
}

TEST_F(UnixServers, serve_a_path) {
  UnixStreamServer server(address_, handler<Echo>());
  testing::ServerThread running(server);
  EXPECT_EQ(echoed(address_, "hello\n"), "hello\n");
}

TEST_F(UnixServers, serve_an_abstract_name) {
  const Address name = Address::unix_abstract("socketserver-test-" + std::to_string(::getpid()));
  UnixStreamServer server(name, handler<Echo>());
  testing::ServerThread running(server);
  EXPECT_EQ(echoed(name, "hello\n"), "hello\n");
}

TEST_F(UnixServers, serve_a_name_that_the_system_chooses) {
  TestServer<UnixStreamServer> server(handler<Echo>());
  EXPECT_EQ(server.address().path().front(), '\0');
  EXPECT_EQ(echoed(server.address(), "hello\n"), "hello\n");
}

TEST_F(UnixServers, SS_016_leave_their_file_unless_asked) {
  { const UnixStreamServer server(address_, handler<Echo>()); }
  EXPECT_TRUE(fs::exists(path_));
  fs::remove(path_);
  {
    UnixStreamServer server(address_, handler<Echo>(), {.unlink_on_close = true});
    server.server_close();
    EXPECT_FALSE(fs::exists(path_));
  }
}

TEST_F(UnixServers, SS_016_never_remove_the_file_of_another) {
  UnixStreamServer server(address_, handler<Echo>(), {.unlink_on_close = true});
  fs::remove(path_);
  const UnixStreamServer other(address_, handler<Echo>());
  server.server_close();
  EXPECT_TRUE(fs::exists(path_));
}

TEST_F(UnixServers, SS_016_remove_it_when_the_destructor_closes) {
  { const UnixStreamServer server(address_, handler<Echo>(), {.unlink_on_close = true}); }
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(UnixServers, SS_017_do_not_take_a_file_that_exists) {
  { const UnixStreamServer stale(address_, handler<Echo>()); }
  try {
    const UnixStreamServer server(address_, handler<Echo>());
    FAIL() << "bound a file that exists";
  } catch (const OSError& error) {
    EXPECT_EQ(error.code(), std::errc::address_in_use);
    EXPECT_NE(std::string(error.what()).find(path_.string()), std::string::npos);
  }
}

TEST_F(UnixServers, replace_a_stale_file_when_asked) {
  { const UnixStreamServer stale(address_, handler<Echo>()); }
  UnixStreamServer server(address_, handler<Echo>(), {.replace_stale_socket = true});
  testing::ServerThread running(server);
  EXPECT_EQ(echoed(address_, "hello\n"), "hello\n");
}

TEST_F(UnixServers, replace_a_stale_file_of_datagrams) {
  { const UnixDatagramServer stale(address_, handler<Echo>()); }
  UnixDatagramServer server(address_, handler<Echo>(), {.replace_stale_socket = true});
  testing::ServerThread running(server);
  EXPECT_EQ(DatagramClient(address_).ask("x"), "x");
}

TEST_F(UnixServers, never_replace_a_live_socket_or_another_file) {
  const ServerOptions replacing{.replace_stale_socket = true};
  {
    const UnixStreamServer live(address_, handler<Echo>());
    EXPECT_THROW(UnixStreamServer(address_, handler<Echo>(), replacing), OSError);
    EXPECT_THROW(UnixDatagramServer(address_, handler<Echo>(), replacing), OSError);
  }
  fs::remove(path_);
  std::ofstream(path_) << "precious";
  EXPECT_THROW(UnixStreamServer(address_, handler<Echo>(), replacing), OSError);
  EXPECT_EQ(fs::file_size(path_), 8u);
}

TEST_F(UnixServers, never_replace_a_live_socket_whose_queue_is_full) {
  const UnixStreamServer live(address_, handler<Echo>(), {.request_queue_size = 0});
  const RawClient waiting(address_);
  EXPECT_THROW(UnixStreamServer(address_, handler<Echo>(), {.replace_stale_socket = true}),
               OSError);
}

TEST_F(UnixServers, SS_018_say_how_long_a_path_is_that_does_not_fit) {
  const Address address = Address::unix_path("/tmp/" + std::string(195, 'x'));
  try {
    const UnixStreamServer server(address, handler<Echo>());
    FAIL() << "bound a path of 200 bytes";
  } catch (const std::length_error& error) {
    EXPECT_NE(std::string(error.what()).find("200 bytes"), std::string::npos) << error.what();
  }
}

TEST_F(UnixServers, SS_011_ignore_allow_reuse_port) {
  EXPECT_NO_THROW(UnixStreamServer(address_, handler<Echo>(), {.allow_reuse_port = true}));
}

TEST_F(UnixServers, give_their_file_the_permissions_asked_for) {
  for (const unsigned mode : {0600u, 0660u, 0666u}) {
    const UnixStreamServer server(
        address_, handler<Echo>(),
        {.unlink_on_close = true, .socket_mode = mode, .socket_group = ::getgid()});
    struct stat status {};
    ASSERT_EQ(::stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, mode);
    EXPECT_EQ(status.st_gid, ::getgid());
  }
}

TEST_F(UnixServers, give_their_file_the_owner_asked_for) {
  std::set<uid_t> owners{::geteuid()};
  if (::geteuid() == 0) owners.insert(kNobody);
  for (const uid_t owner : owners) {
    const UnixStreamServer server(address_, handler<Echo>(),
                                  {.unlink_on_close = true, .socket_owner = owner});
    struct stat status {};
    ASSERT_EQ(::stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, owner);
    EXPECT_EQ(status.st_gid, ::getegid());
  }
}

TEST_F(UnixServers, say_which_file_they_cannot_give_away) {
  const bool is_root = ::geteuid() == 0;
  if (is_root) {
    ASSERT_EQ(::chown(directory_.c_str(), kNobody, static_cast<gid_t>(-1)), 0);
    ASSERT_EQ(::seteuid(kNobody), 0);
  }
  const ScopeExit root_again([&]() noexcept {
    if (!is_root) return;
    EXPECT_EQ(::seteuid(0), 0);
  });
  const int descriptors = open_descriptors();
  try {
    const UnixStreamServer server(address_, handler<Echo>(), {.socket_owner = ::geteuid() + 1});
    FAIL() << "gave the file to another user";
  } catch (const OSError& error) {
    EXPECT_EQ(error.code(), std::errc::operation_not_permitted);
    EXPECT_EQ(std::string(error.what()).rfind("chown " + address_.to_string(), 0), 0u)
        << error.what();
  }
  EXPECT_FALSE(fs::exists(path_));
  EXPECT_EQ(open_descriptors(), descriptors);
}

TEST_F(UnixServers, refuse_other_addresses) {
  EXPECT_THROW(UnixStreamServer({"127.0.0.1", 0}, handler<Echo>()), std::invalid_argument);
  EXPECT_THROW(UnixDatagramServer({"127.0.0.1", 0}, handler<Echo>()), std::invalid_argument);
}

TEST_F(UnixServers, SS_111_an_unnamed_clients_address_is_the_empty_path) {
  std::string shown = "?";
  UnixStreamServer server(address_, [&](StreamRequestHandler& self) {
    EXPECT_EQ(self.client_address().family(), AddressFamily::unix_domain);
    shown = self.client_address().path();
  });
  const RawClient client(address_);
  server.handle_request();
  EXPECT_EQ(shown, "");
}

TEST_F(UnixServers, SS_088_datagrams_are_answered) {
  TestServer<UnixDatagramServer> server(handler<Echo>());
  DatagramClient client(server.address());
  EXPECT_EQ(client.ask("hello"), "hello");
}

TEST_F(UnixServers, SS_097_P15_an_unbound_client_gets_no_answer_and_makes_no_noise) {
  CapturedLog log;
  int requests = 0;
  UnixDatagramServer server(address_,
                            [&](DatagramRequestHandler& self) {
                              ++requests;
                              self.wfile() << "lost";
                            },
                            {.log = log.sink()});
  DatagramClient client(address_, DatagramClient::Name::none);
  client.send("x");
  server.handle_request();
  EXPECT_EQ(requests, 1);
  EXPECT_TRUE(log.reports().empty());
  EXPECT_TRUE(log.debug().empty());
}

TEST_F(UnixServers, a_client_that_vanished_is_one_quiet_line) {
  CapturedLog log;
  UnixDatagramServer server(address_, [](DatagramRequestHandler& self) { self.wfile() << "late"; },
                            {.log = log.sink()});
  { DatagramClient(address_).send("x"); }
  server.handle_request();
  EXPECT_TRUE(log.reports().empty());
  EXPECT_EQ(log.debug().size(), 1u);
}

TEST_F(UnixServers, SS_071_threads_serve_them) {
  TestServer<ThreadingUnixStreamServer> stream(handler<Echo>());
  TestServer<ThreadingUnixDatagramServer> datagram(handler<Echo>());
  for (const char* word : {"one\n", "two\n", "three\n"}) {
    EXPECT_EQ(echoed(stream.address(), word), word);
    EXPECT_EQ(DatagramClient(datagram.address()).ask(word), word);
  }
}

}  // namespace
}  // namespace socketserver
