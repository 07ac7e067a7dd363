"""What `socketserver http` shows of its directory, and what it sends beside the files."""

import gzip
import json
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from http_support import HTTPTest  # noqa: E402


class Viewing(HTTPTest):
    def names(self, tool, path: str = "/") -> list[str]:
        return re.findall(r'<td><a href="([^"]*)"', self.get(tool, path)[1].decode())

    def test_index(self):
        self.make("below/start.html", "start")
        self.make("below/index.html", "index")
        with self.tool("0", "--index", "home.html,start.html") as tool:
            self.assertEqual(self.get(tool, "/below/")[1], b"start")

    def test_no_listing(self):
        with self.tool("0", "--no-listing") as tool:
            self.assertEqual(self.status(tool, "/"), 404)
            self.assertEqual(self.status(tool, "/hello.txt"), 200)

    def test_form_of_listings(self):
        json_please = {"Accept": "application/json"}
        with self.tool("0", "--listing", "json") as tool:
            listing = json.loads(self.get(tool, "/")[1])
            self.assertEqual([entry["name"] for entry in listing["entries"]],
                             ["below", "data.bin", "hello.txt"])
        with self.tool("0", "--listing=html") as tool:
            response, _ = self.get(tool, "/?format=json", headers=json_please)
            self.assertEqual(response.getheader("Content-Type"), "text/html; charset=utf-8")
        with self.tool("0", "--listing=auto") as tool:
            response, _ = self.get(tool, "/", headers=json_please)
            self.assertEqual(response.getheader("Content-Type"), "application/json")

    def test_order_of_listings(self):
        with self.tool("0", "--sort", "size:desc") as tool:
            self.assertEqual(self.names(tool), ["below/", "data.bin", "hello.txt"])
            self.assertEqual(self.names(tool, "/?sort=size&order=asc"),
                             ["below/", "hello.txt", "data.bin"])
        with self.tool("0", "--sort", "size") as tool:
            self.assertEqual(self.names(tool), ["below/", "hello.txt", "data.bin"])

    def test_title(self):
        with self.tool("0", "--title", "Holiday <pictures>") as tool:
            page = self.get(tool, "/below/")[1].decode()
            self.assertIn("<title>Holiday &lt;pictures&gt;: /below/</title>", page)
            self.assertIn('href="../">Holiday &lt;pictures&gt; /</a>', page)

    def test_hidden(self):
        with self.tool("0", "--hidden") as tool:
            self.assertIn(".secret", self.names(tool))
            self.assertEqual(self.get(tool, "/.secret")[1], b"secret\n")

    def test_hide(self):
        self.make("build/out.o", "x")
        with self.tool("0", "--hide", "*.bin", "--hide=build") as tool:
            self.assertEqual(self.names(tool), ["below/", "hello.txt"])
            for path in ("/data.bin", "/build/", "/build", "/build/out.o", "/%62uild/out.o"):
                self.assertEqual(self.status(tool, path), 404, path)

    def test_symlinks(self):
        (self.root / "inside").symlink_to("hello.txt")
        (self.root / "outside").symlink_to("/proc/version")
        for which, inside, outside in (("inside", 200, 404), ("all", 200, 200),
                                       ("none", 404, 404)):
            with self.tool("0", "--symlinks", which) as tool:
                self.assertEqual((self.status(tool, "/inside"), self.status(tool, "/outside")),
                                 (inside, outside), which)

    def test_spa(self):
        self.make("index.html", "index")
        self.make("app.html", "app")
        for arguments, content in ((["--spa"], b"index"), (["--spa=app.html"], b"app")):
            with self.tool("0", *arguments) as tool:
                self.assertEqual(self.get(tool, "/some/route")[1], content)
                self.assertEqual(self.get(tool, "/")[1], b"index")
                self.assertEqual(self.status(tool, "/missing.js"), 404)
        (self.root / "index.html").unlink()
        with self.tool("0", "--spa=app.html") as tool:
            self.assertEqual(self.get(tool, "/")[1], b"app")
            self.assertEqual(self.names(tool, "/below/"), ["deep.txt"])

    def test_pretty_urls(self):
        self.make("about.html", "about")
        self.make("below.html", "not the directory")
        with self.tool("0", "--pretty-urls") as tool:
            response, body = self.get(tool, "/about")
            self.assertEqual((response.status, body), (200, b"about"))
            self.assertEqual(response.getheader("Content-Type"), "text/html")
            self.assertEqual(self.get(tool, "/about.html")[1], b"about")
            self.assertEqual(self.status(tool, "/below"), 301)
            self.assertEqual(self.status(tool, "/about/"), 404)
        with self.tool("0") as tool:
            self.assertEqual(self.status(tool, "/about"), 404)

    def test_error_page(self):
        self.make("404.html", "<p>not here")
        with self.tool("0", "--error-page", "404=404.html") as tool:
            response, body = self.get(tool, "/missing")
            self.assertEqual((response.status, body), (404, b"<p>not here"))


class Sending(HTTPTest):
    def field(self, tool, name: str, path: str = "/hello.txt", **more) -> str | None:
        return self.get(tool, path, **more)[0].getheader(name)

    def test_precompressed(self):
        self.make("hello.txt.gz", gzip.compress(b"hello\n"))
        accepts = {"headers": {"Accept-Encoding": "gzip"}}
        for arguments in ([], ["--precompressed"]):
            with self.tool("0", *arguments) as tool:
                self.assertEqual(self.field(tool, "Content-Encoding", **accepts), "gzip")
                self.assertEqual(self.curl("--compressed", tool.url + "hello.txt"), "hello\n")
        with self.tool("0", "--no-precompressed") as tool:
            self.assertIsNone(self.field(tool, "Content-Encoding", **accepts))

    def test_compress(self):
        self.make("long.txt", "hello\n" * 1000)
        for argument, expected in (("--compress=gzip", "gzip"), ("--compress", "br")):
            with self.subTest(argument), self.tool("0", argument) as tool:
                response, _ = self.get(tool, "/long.txt", headers={"Accept-Encoding": "gzip, br"})
                self.assertEqual(response.getheader("Content-Encoding"), expected)
        with self.tool("0") as tool:
            response, body = self.get(tool, "/long.txt", headers={"Accept-Encoding": "gzip, br"})
            self.assertEqual((response.getheader("Content-Encoding"), len(body)), (None, 6000))

    def test_cache(self):
        for argument, field in (("revalidate", "no-cache"), ("off", "no-store"),
                                ("3600", "max-age=3600"), ("0", "max-age=0")):
            with self.tool("0", "--cache", argument) as tool:
                self.assertEqual(self.field(tool, "Cache-Control"), field)
        with self.tool("0") as tool:
            self.assertEqual(self.field(tool, "Cache-Control"), "no-cache")

    def test_no_etag(self):
        with self.tool("0") as tool:
            self.assertTrue(self.field(tool, "ETag"))
        with self.tool("0", "--no-etag") as tool:
            self.assertIsNone(self.field(tool, "ETag"))
            self.assertTrue(self.field(tool, "Last-Modified"))

    def test_types(self):
        self.make("a.xyz", "x")
        self.make("a.abc", "x")
        self.make("types", "# types\nimage/x-abc abc ABC\n")
        with self.tool("0", "--mime", "xyz=text/x-xyz", "--mime-file", "types", "--charset",
                       "utf-8", "--content-type", "text/html") as tool:
            for path, type_ in (("/a.xyz", "text/x-xyz; charset=utf-8"), ("/a.abc", "image/x-abc"),
                                ("/hello.txt", "text/plain; charset=utf-8"),
                                ("/types", "text/html; charset=utf-8")):
                self.assertEqual(self.field(tool, "Content-Type", path), type_)

    def test_HT_208_headers(self):
        with self.tool("0", "-H", "X-A: b", "--header", "X-C:d", "--content-type",
                       "text/html") as tool:
            self.make("unknown.suffix", "x")
            self.assertEqual((self.field(tool, "X-A"), self.field(tool, "X-C")), ("b", "d"))
            self.assertEqual(self.field(tool, "Content-Type", "/unknown.suffix"), "text/html")
            self.assertIsNone(self.field(tool, "X-A", "/missing"))

    def test_cors(self):
        for argument, origin in (("--cors", "*"),
                                 ("--cors=https://example.org", "https://example.org")):
            with self.tool("0", argument) as tool:
                for path in ("/hello.txt", "/missing"):
                    self.assertEqual(self.field(tool, "Access-Control-Allow-Origin", path), origin)
                asks = {"Origin": "https://x.org", "Access-Control-Request-Method": "GET"}
                response, _ = self.get(tool, "/hello.txt", method="OPTIONS", headers=asks)
                self.assertEqual(response.status, 204)
                self.assertIn("GET", response.getheader("Access-Control-Allow-Methods"))
        with self.tool("0") as tool:
            self.assertIsNone(self.field(tool, "Access-Control-Allow-Origin"))

    def test_security_headers(self):
        policy = "default-src 'self'"
        with self.tool("0", "--security-headers", "--csp", policy) as tool:
            for path in ("/hello.txt", "/missing"):
                response, _ = self.get(tool, path)
                self.assertEqual(response.headers.get_all("X-Content-Type-Options"), ["nosniff"])
                self.assertEqual(response.headers.get_all("Content-Security-Policy"), [policy])
            response, _ = self.get(tool, "/")
            self.assertEqual(response.headers.get_all("X-Content-Type-Options"), ["nosniff"])
            self.assertRegex(*response.headers.get_all("Content-Security-Policy"), "sha256")
            self.assertEqual(response.getheader("X-Frame-Options"), "SAMEORIGIN")


if __name__ == "__main__":
    unittest.main()
