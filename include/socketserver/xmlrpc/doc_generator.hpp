#pragma once

#include <string>

#include <socketserver/base/thread_mutex.hpp>

namespace socketserver {

class SimpleXMLRPCDispatcher;

/// Writes the documentation of a dispatcher's methods as a page of HTML.
///
/// The page shows every method with its signature and documentation. In the texts, addresses,
/// `RFC 1234`, `PEP 8` and names of methods become links. Every method can be tried: the page's
/// script calls it and shows the result. All texts are escaped; nothing is loaded from elsewhere,
/// and `content_security_policy` lets nothing in.
///
/// Thread safety: every member from any thread.
/// Source: Python `xmlrpc.server.XMLRPCDocGenerator` and `ServerHTMLDoc`.
class XMLRPCDocGenerator {
 public:
  /// @param documented  borrowed.
  explicit XMLRPCDocGenerator(const SimpleXMLRPCDispatcher& documented);
  virtual ~XMLRPCDocGenerator();
  XMLRPCDocGenerator(const XMLRPCDocGenerator&) = delete;
  XMLRPCDocGenerator& operator=(const XMLRPCDocGenerator&) = delete;

  /// The title of the page, its heading, and the text below that. They are plain text.
  void set_server_title(std::string server_title);
  void set_server_name(std::string server_name);
  void set_server_documentation(std::string server_documentation);

  /// The page. An override that has another style or script needs another policy too.
  virtual std::string generate_html_documentation() const;

  /// The `Content-Security-Policy` to send the page with.
  virtual std::string content_security_policy() const;

  /// The style of the page, as a style sheet of its own.
  static std::string style_sheet();

 private:
  const SimpleXMLRPCDispatcher& documented_;
  mutable detail::ThreadMutex texts_mutex_;
  std::string title_ SOCKETSERVER_GUARDED_BY(texts_mutex_);
  std::string name_ SOCKETSERVER_GUARDED_BY(texts_mutex_);
  std::string documentation_ SOCKETSERVER_GUARDED_BY(texts_mutex_);
};

}  // namespace socketserver
