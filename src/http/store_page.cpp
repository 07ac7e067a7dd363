#include "http/store_page.hpp"

#include <socketserver/http/proto/text.hpp>

#include "http/directory_listing.hpp"

namespace socketserver::http {
namespace {

// listing_policy() has the hashes of what stands between <style> and </style>, <script> and
// </script>.
constexpr std::string_view kStoreStyle = R"html(<style>
.tools{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:center;padding:0 .75rem;margin-bottom:1rem}
.tools form{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center}
.tools button,.tools input{font:inherit}
#transfers{list-style:none;margin:0 0 1rem;padding:0 .75rem}
#transfers li{display:grid;grid-template-columns:minmax(0,1fr) 10rem 8rem;gap:.75rem;align-items:center;padding:.15rem 0}
#transfers span{overflow-wrap:anywhere}
#transfers progress{width:100%}
#transfers .failed{color:#c62828;grid-column:2/4}
td button{font:inherit;font-size:.875rem;cursor:pointer}
body.over{outline:.25rem dashed var(--link);outline-offset:-.25rem}
@media (prefers-color-scheme:dark){#transfers .failed{color:#ff8a80}}
</style>
)html";

constexpr std::string_view kScript = R"html(<script>
"use strict";
(() => {
  const form = document.getElementById("upload");
  const transfers = document.getElementById("transfers");
  const here = location.pathname;
  const wait = ms => new Promise(done => setTimeout(done, ms));

  function describe(status, text) {
    return status ? status + " " + text : "The connection failed";
  }

  function addLine(name) {
    const line = document.createElement("li");
    const label = document.createElement("span");
    const bar = document.createElement("progress");
    const state = document.createElement("span");
    label.textContent = name;
    bar.max = 1;
    bar.value = 0;
    line.append(label, bar, state);
    transfers.append(line);
    return {
      progress(sent, size) {
        bar.value = size ? sent / size : 1;
        state.textContent = Math.floor(100 * bar.value) + " %";
      },
      waiting() { state.textContent = "Trying again…"; },
      fail(text) {
        bar.remove();
        state.className = "failed";
        state.setAttribute("role", "alert");
        state.textContent = text;
      },
    };
  }

  // One request with the rest of a file; its status 0 is a connection that failed, or on which
  // nothing has moved for too long.
  function send(method, url, body, headers, onprogress) {
    return new Promise(done => {
      const request = new XMLHttpRequest();
      request.open(method, url);
      for (const name in headers) request.setRequestHeader(name, headers[name]);
      let timer;
      const watch = () => {
        clearTimeout(timer);
        timer = setTimeout(() => request.abort(), 45000);
      };
      request.upload.onprogress = event => {
        watch();
        onprogress(event.loaded);
      };
      request.upload.onloadend = () => clearTimeout(timer);
      request.onloadend = () => done({
        status: request.status,
        text: request.statusText,
        offset: request.getResponseHeader("Upload-Offset"),
      });
      watch();
      request.send(body);
    });
  }

  async function arrived(url) {
    const answer = await fetch(url, {method: "HEAD", cache: "no-store"});
    return Number(answer.headers.get("Upload-Offset") || 0);
  }

  async function uploadWhole(file, url, line) {
    const answer = await send("PUT", url, file, {}, sent => line.progress(sent, file.size));
    if (answer.status >= 300 || !answer.status) throw new Error(describe(answer.status, answer.text));
  }

  async function upload(file, line) {
    const url = here + encodeURIComponent(file.name);
    if (!form.dataset.resumable) return uploadWhole(file, url, line);
    let offset = await arrived(url);
    const known = offset > 0 && offset <= file.size;
    if (offset && !(known && confirm(file.name + ": go on with the upload that broke off?"))) {
      return uploadWhole(file, url, line);
    }
    // What has arrived is of this file as far as this page has sent it; anything else is another
    // visitor's, who uploads a file of that name.
    let ours = offset;
    let begun = known;
    for (let failures = 0;;) {
      if (offset > ours) return uploadWhole(file, url, line);
      line.progress(offset, file.size);
      const from = offset;
      const headers = {"Upload-Offset": from, "Upload-Length": file.size};
      const answer = await send("PATCH", url, file.slice(from), headers, sent => {
        ours = Math.max(ours, from + sent);
        line.progress(from + sent, file.size);
      });
      if (answer.status >= 200 && answer.status < 300) return;
      // The connection failed, perhaps after the browser had tried twice by itself, or the server is
      // not done with an earlier request.
      begun ||= answer.status === 0;
      const moved = answer.offset !== null;
      if (moved && !begun) return uploadWhole(file, url, line);
      const passing = moved || [0, 503].includes(answer.status) || (begun && answer.status === 423);
      if (!passing || ++failures > 8) throw new Error(describe(answer.status, answer.text));
      if (moved) {
        offset = Number(answer.offset);
        continue;
      }
      line.waiting();
      await wait(Math.min(500 * 2 ** failures, 10000));
      try { offset = await arrived(url); } catch { continue; }
    }
  }

  async function uploadAll(files) {
    let failed = false;
    for (const file of files) {
      const line = addLine(file.name);
      try {
        await upload(file, line);
        line.progress(1, 1);
      } catch (error) {
        failed = true;
        line.fail(error.message);
      }
    }
    if (!failed) location.reload();
  }

  // Changes something by a request without a body.
  async function change(method, url, headers) {
    try {
      const answer = await fetch(url, {method, headers});
      if (!answer.ok) throw new Error(describe(answer.status, answer.statusText));
      location.reload();
    } catch (error) {
      alert(error.message);
    }
  }

  if (form) {
    form.addEventListener("submit", event => {
      event.preventDefault();
      uploadAll([...form.elements.file.files]);
      form.reset();
    });
    addEventListener("dragover", event => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      document.body.classList.add("over");
    });
    addEventListener("dragleave", event => {
      if (!event.relatedTarget) document.body.classList.remove("over");
    });
    addEventListener("drop", event => {
      event.preventDefault();
      document.body.classList.remove("over");
      uploadAll([...event.dataTransfer.files]);
    });
  }

  const mkdir = document.getElementById("mkdir");
  if (mkdir) {
    mkdir.hidden = false;
    mkdir.addEventListener("click", () => {
      const name = prompt("Name of the new folder");
      if (name) change("MKCOL", here + encodeURIComponent(name), {});
    });
  }

  if (document.getElementById("removable")) {
    for (const link of document.querySelectorAll("td:first-child a")) {
      const button = document.createElement("button");
      const folder = link.textContent.endsWith("/");
      // A link to a folder is itself removed, by its own name.
      const target = folder ? link.href : link.href.replace(/\/$/, "");
      button.type = "button";
      button.textContent = "Delete";
      button.setAttribute("aria-label", "Delete " + link.textContent);
      button.addEventListener("click", () => {
        const question = folder ? " and all that is in it?" : "?";
        if (!confirm("Delete " + link.textContent + question)) return;
        change("DELETE", target, folder ? {Depth: "infinity"} : {});
      });
      link.closest("tr").insertCell().append(button);
    }
  }
})();
</script>
)html";

}  // namespace

std::string_view store_style(const ListingControls& controls) {
  return controls.changes() || !controls.archives.empty() ? kStoreStyle : "";
}

void append_controls(std::string& out, const ListingControls& controls) {
  if (store_style(controls).empty()) return;
  out += "<div class=\"tools\">\n";
  if (controls.upload) {
    out += "<form id=\"upload\" method=\"post\" enctype=\"multipart/form-data\"";
    if (controls.resumable) out += " data-resumable=\"1\"";
    out +=
        "><input type=\"file\" name=\"file\" multiple required aria-label=\"Files to upload\"> "
        "<button>Upload</button></form>\n";
  }
  if (controls.make_directories) {
    out += "<button type=\"button\" id=\"mkdir\" hidden>New folder</button>\n";
  }
  if (!controls.archives.empty()) out += "<form>All of this as";
  for (const std::string& name : controls.archives) {
    const std::string text = escape_html(name, true);
    // A button, not a link: programs that mirror a directory follow links.
    out += " <button name=\"archive\" value=\"" + text + "\">" + text + "</button>";
  }
  if (!controls.archives.empty()) out += "</form>\n";
  if (controls.remove) out += "<span id=\"removable\"></span>\n";
  out += "</div>\n";
  if (controls.upload) out += "<ul id=\"transfers\" aria-live=\"polite\"></ul>\n";
}

std::string_view store_script(const ListingControls& controls) {
  return controls.changes() ? kScript : "";
}

std::string listing_policy(const ListingControls& controls) {
  std::string more;
  if (!store_style(controls).empty()) {
    more += " 'sha256-XhJugenmvcceFLTNnhJr6HilIplqGzI2Y8K54hJ+7Q0='";
  }
  if (!store_script(controls).empty()) {
    more +=
        "; script-src 'sha256-vQmu7IJx4D3b9LnQLViVdMMAiD9zGNwPCW720AjIovg='; connect-src 'self'";
  }
  std::string policy(kListingPolicy);
  return policy.insert(policy.find("; base-uri"), more);
}

}  // namespace socketserver::http
