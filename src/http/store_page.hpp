#pragma once

#include <string>
#include <string_view>

#include <socketserver/http/listing_controls.hpp>

namespace socketserver::http {

// What the page of a listing has besides the list when its visitor may change the directory.

/// A style element; nothing without such controls.
std::string_view store_style(const ListingControls& controls);

/// Appends the controls that go above the list.
void append_controls(std::string& out, const ListingControls& controls);

/// A script element that brings them to life; nothing where nothing can be changed.
std::string_view store_script(const ListingControls& controls);

/// The `Content-Security-Policy` of a listing: nothing but its own style sheets and its own
/// buttons; where something can be changed, its own script too, and requests to where it came from.
std::string listing_policy(const ListingControls& controls);

}  // namespace socketserver::http
