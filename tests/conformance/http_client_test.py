"""CPython's HTTP clients against our server."""

import http.client
import os
import tempfile
import unittest
import urllib.error
import urllib.request

import servers


class Store(unittest.TestCase):
    def setUp(self):
        port = self.enterContext(servers.running("store"))
        self.url = f"http://127.0.0.1:{port}"
        self.client = http.client.HTTPConnection("127.0.0.1", port, timeout=servers.PATIENCE)
        self.addCleanup(self.client.close)

    def ask(self, method, path, **request):
        self.client.request(method, path, **request)
        response = self.client.getresponse()
        return response, response.read()

    def test_connection_is_reused(self):
        self.assertEqual(self.ask("PUT", "/a", body=b"one")[0].status, 201)
        used = self.client.sock
        self.assertIsNotNone(used)
        for _ in range(5):
            response, body = self.ask("GET", "/a")
            self.assertEqual((response.status, response.version, body), (200, 11, b"one"))
            self.assertIs(self.client.sock, used)

    def test_head(self):
        self.ask("PUT", "/a", body=b"content")
        used = self.client.sock
        response, body = self.ask("HEAD", "/a")
        self.assertEqual((response.status, response.length, body), (200, 0, b""))
        self.assertEqual(response.headers["Content-Length"], "7")
        self.assertEqual(self.ask("GET", "/a")[1], b"content")
        self.assertIs(self.client.sock, used)

    def test_chunked_upload(self):
        pieces = [bytes([i % 256]) * (i * 37 % 5000 + 1) for i in range(300)]
        response, _ = self.ask("PUT", "/chunks", body=iter(pieces), encode_chunked=True)
        self.assertEqual(response.status, 201)
        self.assertEqual(self.ask("GET", "/chunks")[1], b"".join(pieces))

    def test_chunked_answer(self):
        content = os.urandom(1_000_000)
        response, body = self.ask("POST", "/", body=content)
        self.assertTrue(response.chunked)
        self.assertEqual(body, content)
        response, body = self.ask("POST", "/", body=b"short")
        self.assertEqual(body, b"short")

    def test_large_download(self):
        content = os.urandom(1 << 20) * 32
        self.ask("PUT", "/large", body=content)
        self.assertEqual(self.ask("GET", "/large")[1], content)

    def test_go_ahead(self):
        self.client.putrequest("PUT", "/expected")
        self.client.putheader("Content-Length", "5")
        self.client.putheader("Expect", "100-continue")
        self.client.endheaders()
        interim = self.client.sock.recv(1000)
        self.assertEqual(interim, b"HTTP/1.1 100 Continue\r\n\r\n")
        self.client.send(b"hello")
        self.assertEqual(self.client.getresponse().status, 201)
        self.client.close()
        self.assertEqual(self.ask("GET", "/expected")[1], b"hello")

    def test_error_then_another_request(self):
        response, _ = self.ask("GET", "/missing")
        self.assertEqual((response.status, response.reason), (404, "Not Found"))
        self.assertTrue(response.will_close)
        self.assertEqual(self.ask("PUT", "/a", body=b"")[0].status, 201)

    def test_http10(self):
        self.client._http_vsn, self.client._http_vsn_str = 10, "HTTP/1.0"
        content = os.urandom(100_000)
        response, body = self.ask("POST", "/", body=content)
        self.assertFalse(response.chunked)
        self.assertTrue(response.will_close)
        self.assertEqual(body, content)

    def test_urllib(self):
        request = urllib.request.Request(self.url + "/u", data=b"data", method="PUT")
        with urllib.request.urlopen(request, timeout=servers.PATIENCE) as response:
            self.assertEqual(response.status, 201)
        with urllib.request.urlopen(self.url + "/u", timeout=servers.PATIENCE) as response:
            self.assertEqual(response.read(), b"data")
        with self.assertRaises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(self.url + "/missing", timeout=servers.PATIENCE)
        self.assertEqual(caught.exception.code, 404)
        self.assertIn(b"Error code: 404", caught.exception.read())


class Files(unittest.TestCase):
    def setUp(self):
        self.root = self.enterContext(tempfile.TemporaryDirectory())
        port = self.enterContext(servers.running("files", self.root))
        self.url = f"http://127.0.0.1:{port}"

    def test_redirect_is_followed(self):
        os.mkdir(os.path.join(self.root, "dir"))
        with open(os.path.join(self.root, "dir", "index.html"), "wb") as file:
            file.write(b"index")
        with urllib.request.urlopen(self.url + "/dir?x=1", timeout=servers.PATIENCE) as response:
            self.assertEqual(response.url, self.url + "/dir/?x=1")
            self.assertEqual(response.read(), b"index")

    def test_large_file(self):
        content = os.urandom(1 << 20) * 16
        with open(os.path.join(self.root, "large"), "wb") as file:
            file.write(content)
        with urllib.request.urlopen(self.url + "/large", timeout=servers.PATIENCE) as response:
            self.assertEqual(response.read(), content)


if __name__ == "__main__":
    unittest.main()
