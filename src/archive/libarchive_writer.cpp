#include "archive/libarchive_writer.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <socketserver/base/error.hpp>
#include <socketserver/http/proto/text.hpp>

namespace socketserver::archive {
namespace {

/// A zip file says that names are UTF-8 when the locale of the thread does: it is set for a scope,
/// and for this thread alone.
class Utf8Locale {
 public:
  Utf8Locale()
      : locale_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)),
        before_(locale_ != nullptr ? ::uselocale(locale_) : nullptr) {}
  ~Utf8Locale() {
    if (locale_ == nullptr) return;
    ::uselocale(before_);
    ::freelocale(locale_);
  }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  locale_t locale_;
  locale_t before_;
};

struct FreeArchive {
  void operator()(::archive* archive) const noexcept { ::archive_write_free(archive); }
};

struct FreeEntry {
  void operator()(::archive_entry* entry) const noexcept { ::archive_entry_free(entry); }
};

class LibarchiveWriter final : public http::ArchiveWriter {
 public:
  explicit LibarchiveWriter(Packing packing) : packing_(packing), archive_(::archive_write_new()) {
    if (!archive_) throw std::bad_alloc();
    // GNU's tar format takes names as the bytes that they are; every tar reads it.
    check(packing == Packing::zip ? ::archive_write_set_format_zip(archive_.get())
                                  : ::archive_write_set_format_gnutar(archive_.get()));
    if (packing == Packing::tar_gzip) check(::archive_write_add_filter_gzip(archive_.get()));
    // What there is is passed on at once, and nothing is added to the end.
    check(::archive_write_set_bytes_per_block(archive_.get(), 0));
    check(::archive_write_set_bytes_in_last_block(archive_.get(), 1));
    check(::archive_write_open(archive_.get(), this, nullptr, &LibarchiveWriter::take, nullptr));
  }

  void begin_entry(std::string& out, const http::ArchiveEntry& entry) override {
    const std::unique_ptr<::archive_entry, FreeEntry> head(::archive_entry_new());
    if (!head) throw std::bad_alloc();
    std::string path = entry.path;
    // To programs that unpack zip files it may separate directories, and lead out of theirs.
    if (packing_ == Packing::zip) std::ranges::replace(path, '\\', '_');
    ::archive_entry_set_pathname(head.get(), path.c_str());
    ::archive_entry_set_filetype(head.get(), entry.is_directory ? AE_IFDIR : AE_IFREG);
    ::archive_entry_set_perm(head.get(), static_cast<mode_t>(entry.mode));
    ::archive_entry_set_size(head.get(), static_cast<la_int64_t>(entry.size));
    ::archive_entry_set_mtime(head.get(), entry.modified_at, 0);
    {
      std::optional<Utf8Locale> locale;
      if (http::is_utf8(entry.path)) locale.emplace();
      check(::archive_write_header(archive_.get(), head.get()));
    }
    pass_on(out);
  }

  void write(std::string& out, std::string_view content) override {
    while (!content.empty()) {
      const la_ssize_t n = ::archive_write_data(archive_.get(), content.data(), content.size());
      if (n <= 0) fail();
      content.remove_prefix(static_cast<std::size_t>(n));
    }
    pass_on(out);
  }

  void end(std::string& out) override {
    check(::archive_write_close(archive_.get()));
    pass_on(out);
  }

 private:
  /// No exception may cross libarchive.
  static la_ssize_t take(::archive* archive, void* self, const void* data,
                         std::size_t size) noexcept {
    try {
      static_cast<LibarchiveWriter*>(self)->pending_.append(static_cast<const char*>(data), size);
      return static_cast<la_ssize_t>(size);
    } catch (const std::bad_alloc&) {
      ::archive_set_error(archive, ENOMEM, "out of memory");
      return -1;
    }
  }

  void check(int status) {
    if (status < ARCHIVE_WARN) fail();
  }

  [[noreturn]] void fail() {
    const int code = ::archive_errno(archive_.get());
    const char* text = ::archive_error_string(archive_.get());
    throw OSError(std::error_code(code > 0 ? code : EIO, std::generic_category()),
                  std::string("write archive: ") + (text != nullptr ? text : "failed"));
  }

  void pass_on(std::string& out) {
    out += pending_;
    pending_.clear();
  }

  std::string pending_;
  Packing packing_;
  std::unique_ptr<::archive, FreeArchive> archive_;  // writes its end to `pending_` when it goes
};

}  // namespace

std::unique_ptr<http::ArchiveWriter> make_libarchive_writer(Packing packing) {
  return std::make_unique<LibarchiveWriter>(packing);
}

}  // namespace socketserver::archive
