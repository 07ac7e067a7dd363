"""Who gets what from `socketserver http`."""

import base64
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from http_support import HTTPTest  # noqa: E402
from program import Program, ask, run  # noqa: E402

# "secret", as htpasswd -B and mkpasswd write it.
BCRYPT = "$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a"
SHA512 = (
    "$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDe"
    "hy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1")


def basic(user: str, password: str) -> dict[str, str]:
    text = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": "Basic " + text}


class Accounts(HTTPTest):
    def check(self, tool, path: str, expected: dict[tuple[str, str] | None, int], **more):
        for account, status in expected.items():
            headers = basic(*account) if account else {}
            with self.subTest(path, account=account):
                self.assertEqual(self.status(tool, path, headers=headers, **more), status)

    def test_one_account(self):
        with self.tool("0", "-a", "anna:se:cret") as tool:
            right = {None: 401, ("anna", "se:cret"): 200, ("anna", "secret"): 401,
                     ("anna", ""): 401, ("bob", "se:cret"): 401, ("", "se:cret"): 401}
            for path in ("/", "/hello.txt", "/below/"):
                self.check(tool, path, right)
            self.check(tool, "/missing", {None: 401, ("anna", "se:cret"): 404})
            response, _ = self.get(tool, "/")
            self.assertEqual(response.getheader("WWW-Authenticate"),
                             'Basic realm="socketserver", charset="UTF-8"')
            self.assertEqual(self.curl("-u", "anna:se:cret", tool.url + "hello.txt"), "hello\n")

    def test_realm(self):
        with self.tool("0", "-a", "a:b", "--auth-realm", 'my "files"') as tool:
            self.assertEqual(self.get(tool, "/")[0].getheader("WWW-Authenticate"),
                             'Basic realm="my \\"files\\"", charset="UTF-8"')

    def test_directories(self):
        self.make("below/deeper/x.txt", "x")
        self.make("belowground.txt", "x")
        with self.tool("0", "-a", "anna:a@/below", "-a", "bob:b@/below/deeper:ro") as tool:
            everybody = {None: 200, ("anna", "a"): 200, ("bob", "b"): 200, ("x", "y"): 200}
            for path in ("/", "/hello.txt", "/belowground.txt"):
                self.check(tool, path, everybody)
            for path in ("/below", "/below/deep.txt", "//below/deep.txt", "/%62elow/deep.txt",
                         "/x/../below/deep.txt"):
                answered = 301 if path == "/below" else 200
                self.check(tool, path, {None: 401, ("anna", "a"): answered, ("bob", "b"): 403,
                                        ("bob", "a"): 401})
            self.check(tool, "/below/deeper/x.txt",
                       {None: 401, ("anna", "a"): 200, ("bob", "b"): 200})
            # Nothing takes files here, but who may not write is told so first.
            self.check(tool, "/below/deeper/x.txt", {("anna", "a"): 405, ("bob", "b"): 403},
                       method="PUT")

    def test_a_rule_for_a_directory_that_is_not_there_yet(self):
        doubt = "--auth: the rule for /later/on protects nothing yet, there is no such directory"
        accounts = ("-a", "anna:a@/later/on", "-a", "bob:b@/later/on:ro", "-a", "anna:a@/below")
        self.assertEqual(run("socketserver", "http", "0", *accounts, "--check-config", cwd=self.root),
                         (0, "The options make sense.\n", f"socketserver: {doubt}\n"))
        with self.tool("0", *accounts, "--log-format", "$status") as tool:
            self.assertEqual(tool.stderr.readline(), doubt)
            self.make("later/on/x.txt", "x")
            self.check(tool, "/later/on/x.txt", {None: 401, ("anna", "a"): 200})
            self.assertEqual(tool.stderr.readline(), "401")

    def test_passwords_with_at_signs(self):
        with self.tool("0", "-a", "anna:p@ss@/below:rw") as tool:
            self.check(tool, "/below/deep.txt", {None: 401, ("anna", "p@ss"): 200})

    def test_auth_file(self):
        self.make("users", f"# people\nanna:{BCRYPT}\n\nbob:{SHA512}:a comment\n")
        with self.tool("0", "--auth-file", "users", "-a", f"carl:{SHA512}") as tool:
            for name in ("anna", "bob", "carl"):
                for _ in range(2):
                    self.check(tool, "/hello.txt", {(name, "secret"): 200, (name, "x"): 401})
            self.check(tool, "/", {None: 401, ("dora", "secret"): 401})

    def test_under_every_engine(self):
        self.make("users", f"anna:{BCRYPT}\n")
        for engine in ("sync", "thread", "pool", "fork", "prefork", "fiber"):
            with self.tool("0", "--engine", engine, "--auth-file", "users") as tool:
                self.check(tool, "/hello.txt", {None: 401, ("anna", "secret"): 200})

    def test_no_body_is_asked_for_in_vain(self):
        with self.tool("0", "-a", "a:b") as tool:
            answer = ask(tool.port, b"PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
                                    b"Expect: 100-continue\r\n\r\n")
            self.assertTrue(answer.startswith(b"HTTP/1.1 401 "), answer)


class Networks(HTTPTest):
    def test_allow_and_deny(self):
        for arguments, status in ((["--allow", "127.0.0.0/8"], 200), (["--allow", "10.0.0.0/8"], 403),
                                  (["--deny", "127.0.0.1"], 403), (["--deny", "10.0.0.0/8"], 200),
                                  (["--allow", "0.0.0.0/0", "--deny", "127.0.0.0/8"], 403)):
            with self.subTest(arguments), self.tool("0", *arguments) as tool:
                self.assertEqual(self.status(tool, "/hello.txt"), status)

    def test_unix_sockets_have_no_address(self):
        path = self.root / "web.sock"
        with Program("socketserver", "http", "-b", f"unix:{path}", "--allow", "10.0.0.0/8",
                     cwd=self.root) as tool:
            tool.stdout.readline()
            self.assertEqual(self.curl("--unix-socket", path, "http://x/hello.txt"), "hello\n")


class RandomRoute(HTTPTest):
    def test_random_route(self):
        with self.tool("0", "--random-route") as tool:
            self.assertRegex(tool.url, r"/[-_A-Za-z0-9]{20}/\Z")
            self.assertEqual(self.curl(tool.url + "hello.txt"), "hello\n")
            route = "/" + tool.url.split("/")[3]
            response, _ = self.get(tool, route)
            self.assertEqual((response.status, response.getheader("Location")), (301, route + "/"))
            response, _ = self.get(tool, route + "/below")
            self.assertEqual(response.getheader("Location"), route + "/below/")
            for path in ("/", "/hello.txt", "/below/", route + "x/hello.txt"):
                self.assertEqual(self.status(tool, path), 404)


class Changes(HTTPTest):
    def put(self, tool, path: str, account: tuple[str, str] | None) -> int:
        return self.status(tool, path, method="PUT", body=b"x",
                           headers=basic(*account) if account else {})

    def test_who_may_write(self):
        with self.tool("0", "-u", "-a", "anna:a@/below", "-a", "bob:b@/below:ro") as tool:
            for account, status in {None: 401, ("bob", "b"): 403, ("anna", "x"): 401,
                                    ("anna", "a"): 201}.items():
                with self.subTest(account=account):
                    self.assertEqual(self.put(tool, "/below/new.txt", account), status)
            self.assertEqual((self.root / "below/new.txt").read_bytes(), b"x")
            self.assertEqual(self.put(tool, "/free.txt", None), 201)
            for account, has_form in {("bob", "b"): False, ("anna", "a"): True}.items():
                page = self.get(tool, "/below/", headers=basic(*account))[1]
                self.assertEqual(b'type="file"' in page, has_form, account)

    def test_a_form_is_no_way_around(self):
        form = (b'--B\r\nContent-Disposition: form-data; name="f"; filename="new"\r\n\r\n'
                b'x\r\n--B--\r\n')
        with self.tool("0", "-u", "-a", "anna:a@/new", "-a", "bob:b@/new:ro") as tool:
            for account, status in {None: 401, ("anna", "x"): 401, ("bob", "b"): 403,
                                    ("anna", "a"): 303}.items():
                headers = basic(*account) if account else {}
                headers["Content-Type"] = "multipart/form-data; boundary=B"
                with self.subTest(account=account):
                    response, _ = self.get(tool, "/", method="POST", body=form, headers=headers)
                    self.assertEqual(response.status, status)
                    self.assertEqual(response.getheader("WWW-Authenticate") is not None,
                                     status == 401)
                    self.assertEqual((self.root / "new").exists(), status == 303)

    def test_names_that_lead_here(self):
        def put(tool, host: str) -> int:
            return self.status(tool, f"/{host}", method="PUT", body=b"x",
                               headers={"Host": host, "Origin": "http://" + host,
                                        "Sec-Fetch-Site": "same-origin"})
        with self.tool("0", "-u") as tool:
            for host in ("localhost", "127.0.0.1:1234", "a.localhost"):
                self.assertEqual(put(tool, host), 201)
            self.assertEqual(put(tool, "evil.example"), 421)
            self.assertEqual(self.status(tool, "/", headers={"Host": "evil.example"}), 200)
        with self.tool("0", "-u", "--allow-host", "a.example", "--allow-host", "b.example") as tool:
            for host in ("a.example", "b.example:8000"):
                self.assertEqual(put(tool, host), 201)
            self.assertEqual(put(tool, "evil.example"), 421)

    def test_what_is_protected_does_not_go_with_the_rest(self):
        self.make("a/mine/x.txt", "x")
        everything = {"Depth": "infinity"}
        with self.tool("0", "--delete", "--archive", "tar", "-a", "anna:a@/a/mine",
                       "-a", "bob:b@/a/mine:ro") as tool:
            for account, archived, deleted in ((None, 401, 401), (("bob", "b"), 200, 403),
                                               (("anna", "a"), 200, 204)):
                who = basic(*account) if account else {}
                with self.subTest(account=account):
                    self.assertEqual(self.status(tool, "/a/?archive=tar", headers=who), archived)
                    self.assertEqual(self.status(tool, "/a/?x=1&%61rchive=tar", headers=who), 200)
                    self.assertEqual(self.status(tool, "/a", method="DELETE",
                                                 headers=who | everything), deleted)
            self.assertFalse((self.root / "a").exists())

    def test_a_route_is_kept(self):
        with self.tool("0", "-u", "--on-duplicate", "rename", "--random-route") as tool:
            route = tool.url.rstrip("/").rsplit("/", 1)[1]
            self.assertEqual(self.put(tool, f"/{route}/hello.txt", None), 201)
            response, _ = self.get(tool, f"/{route}/hello.txt", method="PUT", body=b"x")
            self.assertEqual(response.getheader("Location"), f"/{route}/hello%20%282%29.txt")


if __name__ == "__main__":
    unittest.main()
