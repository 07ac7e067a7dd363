"""curl against our server."""

import os
import shutil
import subprocess
import tempfile
import unittest

import servers


def curl(*arguments):
    """Runs curl; its standard output."""
    return subprocess.run(
        ["curl", "--silent", "--show-error", "--max-time", str(servers.PATIENCE), *arguments],
        check=True,
        stdout=subprocess.PIPE,
    ).stdout


@unittest.skipUnless(shutil.which("curl"), "curl is not installed")
class Curl(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def file(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def url_of(self, name, *arguments):
        return f"http://127.0.0.1:{self.enterContext(servers.running(name, *arguments))}"

    def test_versions(self):
        url = self.url_of("oracle_base", "0", "HTTP/1.1")
        self.assertIn(b"V=HTTP/1.1 CC=False", curl("--http1.1", url + "/"))
        self.assertIn(b"V=HTTP/1.0 CC=True", curl("--http1.0", url + "/"))

    def test_answer_without_a_head(self):
        url = self.url_of("oracle_base", "0", "HTTP/1.1")
        self.assertEqual(curl("--http0.9", "--request", "RAW", url + "/"), b"raw bytes")

    def test_server_of_http10(self):
        url = self.url_of("oracle_base", "0", "HTTP/1.0")
        told = curl("--write-out", "%{http_version} %{num_connects}\n", url + "/1", url + "/2")
        self.assertEqual(told.count(b"1 1\n"), 2)

    def test_connection_is_reused(self):
        url = self.url_of("oracle_base", "0", "HTTP/1.1")
        told = curl("--write-out", "connects=%{num_connects}\n", url + "/1", url + "/2")
        self.assertEqual([line for line in told.splitlines() if line.startswith(b"connects")],
                         [b"connects=1", b"connects=0"])

    def test_upload(self):
        url = self.url_of("store")
        # From 1 MiB on curl waits for the go-ahead.
        for size in (0, 1, 1000, 3 << 20):
            content = os.urandom(size)
            curl("--upload-file", self.file("up", content), url + "/up")
            self.assertEqual(curl(url + "/up"), content)

    def test_upload_after_the_go_ahead(self):
        url = self.url_of("store")
        content = os.urandom(100_000)
        told = curl("--upload-file", self.file("up", content), "--header", "Expect: 100-continue",
                    "--include", url + "/up")
        self.assertTrue(told.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\n"))
        self.assertEqual(curl(url + "/up"), content)

    def test_upload_in_chunks(self):
        url = self.url_of("store")
        content = os.urandom(1_000_000)
        curl("--upload-file", self.file("up", content), "--header", "Transfer-Encoding: chunked",
             url + "/up")
        self.assertEqual(curl(url + "/up"), content)

    def test_answer_in_chunks(self):
        url = self.url_of("store")
        content = os.urandom(1_000_000)
        up = "@" + self.file("up", content)
        self.assertEqual(curl("--data-binary", up, url + "/"), content)
        self.assertEqual(curl("--http1.0", "--data-binary", up, url + "/"), content)

    def test_head(self):
        url = self.url_of("files", self.folder)
        self.file("file.txt", b"content")
        told = curl("--head", url + "/file.txt", url + "/file.txt")
        self.assertEqual(told.count(b"HTTP/1.1 200 OK\r\n"), 2)
        self.assertEqual(told.count(b"Content-Length: 7\r\n"), 2)

    def test_time_condition(self):
        url = self.url_of("files", self.folder)
        path = self.file("file.txt", b"content")
        self.assertEqual(curl("--time-cond", path, "--write-out", "%{http_code}",
                              url + "/file.txt"), b"304")

    def resume(self, url, part):
        """Goes on with a download to the file `part`; the status and how many bytes came."""
        told = curl("--continue-at", "-", "--output", part, "--write-out",
                    "%{http_code} %{size_download}", url)
        status, size = map(int, told.split())
        return status, size

    def content_of(self, path):
        with open(path, "rb") as file:
            return file.read()

    def test_download_is_gone_on_with(self):
        url = self.url_of("files", self.folder)
        content = os.urandom(3_000_000)
        self.file("file", content)
        for have in (1, 1_000_000, 2_999_999):
            part = self.file("part", content[:have])
            self.assertEqual(self.resume(url + "/file", part), (206, 3_000_000 - have))
            self.assertEqual(self.content_of(part), content)

    def test_download_that_was_complete(self):
        url = self.url_of("files", self.folder)
        content = os.urandom(10_000)
        self.file("file", content)
        # Also when the file has become shorter than what came of it.
        for have in (content, content + b"more"):
            part = self.file("part", have)
            self.assertEqual(self.resume(url + "/file", part)[0], 416)
            self.assertEqual(self.content_of(part), have)

    def test_download_of_a_file_that_has_changed(self):
        # curl sends no If-Range: it asks for the rest of what there is now, and gets that.
        url = self.url_of("files", self.folder)
        part = self.file("part", b"old" * 1000)
        content = os.urandom(10_000)
        self.file("file", content)
        self.assertEqual(self.resume(url + "/file", part), (206, 7000))
        self.assertEqual(self.content_of(part), b"old" * 1000 + content[3000:])

    def test_redirect(self):
        url = self.url_of("files", self.folder)
        os.mkdir(os.path.join(self.folder, "dir"))
        self.file("dir/index.html", b"index")
        self.assertEqual(curl("--location", url + "/dir"), b"index")

    def test_refused_upload(self):
        url = self.url_of("files", self.folder)
        told = curl("--upload-file", self.file("up", os.urandom(3 << 20)), "--include",
                    "--write-out", "%{http_code}", "--output", os.path.join(self.folder, "page"),
                    url + "/up")
        self.assertEqual(told, b"405")


if __name__ == "__main__":
    unittest.main()
