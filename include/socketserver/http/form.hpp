#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <socketserver/http/form_limits.hpp>
#include <socketserver/http/proto/query.hpp>
#include <socketserver/http/spooled_file.hpp>
#include <socketserver/net/reader.hpp>

namespace socketserver::http {

/// A file that came with a form.
struct UploadedFile {
  std::string name;          ///< Of the form's field.
  std::string filename;      ///< As the client calls it, without directories; may be empty, or odd.
  std::string content_type;  ///< As the client says; empty when it does not.
  SpooledFile content;       ///< In memory or on disk, at its beginning.
};

/// A form as a browser sends it.
///
/// ```cpp
/// const http::Form form = read_form();
/// const http::UploadedFile* picture = form.file("picture");
/// if (picture != nullptr) picture->content.save_as("/srv/pictures/" + new_name());
/// send_text("thank you, " + std::string(form.fields["name"]));
/// ```
struct Form {
  Parameters fields;                ///< What is no file, in its order.
  std::vector<UploadedFile> files;  ///< In their order, without inputs where no file was chosen.

  /// The first file of a field, or null.
  const UploadedFile* file(std::string_view name) const noexcept;
};

/// Reads a form of either type that browsers send, `application/x-www-form-urlencoded` or
/// `multipart/form-data`.
///
/// @param body  of the request; read to the end of the form.
/// @param content_type  of the request.
/// @throws RequestError 400 when the form is malformed, 413 over a limit, 415 when it is of neither
///         type; SpoolError when a file cannot be kept; OSError "read" when the body cannot be
///         read. Nothing is left of it on the disk.
Form read_form(Reader& body, std::string_view content_type, const FormLimits& limits = {});

}  // namespace socketserver::http
