"""`socketserver http` with --fastcgi, asked by curl, before an application in Python."""

import base64
import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from http_support import HTTPTest  # noqa: E402
import fastcgi_application as fastcgi  # noqa: E402
from program import run  # noqa: E402

ONLY_HERE = "Clients may run scripts, so only this machine is served: -b ADDRESS for others"


def tell(variables: dict[str, str], body: bytes) -> bytes:
    lines = "".join(f"{name}={value}\n" for name, value in sorted(variables.items()))
    return fastcgi.text(lines.encode() + b"\n" + body)


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


class FastCGITest(HTTPTest):
    def setUp(self):
        super().setUp()
        self.make("page.php", "<?php the text of a script")
        self.socket = str(self.root / "app.sock")
        self.application(self.socket, fastcgi.answering(tell))

    def application(self, address, serve):
        running = fastcgi.running(address, serve)
        self.addCleanup(running.__exit__, None, None, None)
        return running.__enter__()

    def variables(self, tool, path: str, **more) -> dict[str, str]:
        response, body = self.get(tool, path, **more)
        self.assertEqual(response.status, 200, body)
        lines = body.decode().partition("\n\n")[0].splitlines()
        return dict(line.split("=", 1) for line in lines)


class What(FastCGITest):
    def test_below_a_path(self):
        with self.tool("0", "--fastcgi", f"/app=unix:{self.socket}") as tool:
            told = self.curl("-X", "PUT", "-d", "some words", tool.url + "app/x/y?a=b")
            for line in ("REQUEST_METHOD=PUT", "SCRIPT_NAME=/app", "PATH_INFO=/x/y",
                         "QUERY_STRING=a=b", "CONTENT_LENGTH=10", f"SCRIPT_FILENAME={self.root}/app"):
                self.assertIn(f"\n{line}\n", "\n" + told)
            self.assertTrue(told.endswith("\n\nsome words"))
            self.assertEqual(self.curl(tool.url + "hello.txt"), "hello\n")
            self.assertEqual(self.status(tool, "/applet"), 404)

    def test_files_of_a_suffix(self):
        with self.tool("0", "--fastcgi", f".php=unix:{self.socket}", "--index", "index.php") as tool:
            told = self.variables(tool, "/page.php/info")
            self.assertEqual((told["SCRIPT_NAME"], told["PATH_INFO"]), ("/page.php", "/info"))
            self.assertEqual(told["SCRIPT_FILENAME"], str(self.root / "page.php"))
            for path in ("/none.php", "/hello.txt/x.php", "/.secret/x.php"):
                self.assertEqual(self.status(tool, path), 404, path)
            self.make("below/index.php", "")
            self.assertEqual(self.variables(tool, "/below/")["SCRIPT_NAME"], "/below/index.php")

    def test_over_tcp_and_several(self):
        other = self.application(("127.0.0.1", 0), fastcgi.answering(
            lambda variables, body: fastcgi.text(b"the other one")))
        with self.tool("0", "--fastcgi", f"/=unix:{self.socket}",
                       "--fastcgi", f"/below=127.0.0.1:{other[1]}") as tool:
            self.assertEqual(self.curl(tool.url + "below/deep.txt"), "the other one")
            self.assertEqual(self.variables(tool, "/hello.txt")["PATH_INFO"], "/hello.txt")

    def test_under_every_engine(self):
        large = os.urandom(1_000_000)
        for engine in ("sync", "thread", "pool", "fork", "prefork", "fiber"):
            with self.subTest(engine), self.tool("0", "--fastcgi", f"/app=unix:{self.socket}",
                                                 "--engine", engine) as tool:
                for _ in range(2):
                    told = self.get(tool, "/app", method="POST", body=large)[1]
                    self.assertTrue(told.endswith(b"\n\n" + large))

    def test_one_file_and_random_route(self):
        with self.tool("0", "--fastcgi", f".php=unix:{self.socket}", "page.php") as tool:
            self.assertEqual(self.variables(tool, "/?a=b")["QUERY_STRING"], "a=b")
        with self.tool("0", "--fastcgi", f"/app=unix:{self.socket}", "--random-route") as tool:
            route = "/" + tool.url.split("/")[3]
            told = self.variables(tool, route + "/app/x")
            self.assertEqual((told["SCRIPT_NAME"], told["PATH_INFO"]), (route + "/app", "/x"))
            self.assertEqual(self.status(tool, "/app/x"), 404)

    def test_file_of_options_and_print_config(self):
        setting = f"/app=unix:{self.socket}"
        self.make("web.toml", f"fastcgi = ['{setting}']\nport = 0\n")
        with self.tool("--config", "web.toml") as tool:
            self.assertEqual(self.variables(tool, "/app")["SCRIPT_NAME"], "/app")
        code, out, _ = run("socketserver", "http", "--fastcgi", setting, "--print-config",
                           cwd=self.root)
        self.assertEqual(code, 0)
        self.assertIn(setting, out)


class WhoMay(FastCGITest):
    def test_only_this_machine_unless_told_otherwise(self):
        given = ["--fastcgi", f"/app=unix:{self.socket}"]
        for arguments in ([], ["--allow", "10.0.0.0/8"], ["-a", "anna:secret@/below"]):
            with self.tool("0", *given, *arguments) as tool:
                self.assertEqual(tool.host, "127.0.0.1")
                self.assertEqual(tool.stdout.readline(), ONLY_HERE)
        for arguments in (["-b", "0.0.0.0"], ["-a", "anna:secret"]):
            with self.tool("0", *given, *arguments) as tool:
                self.assertNotEqual(tool.host, "127.0.0.1")

    def test_accounts(self):
        with self.tool("0", "--fastcgi", f"/app=unix:{self.socket}",
                       "-a", "anna:secret@/app/private", "-a", "bob:secret@/app/private:ro") as tool:
            self.assertNotIn("REMOTE_USER", self.variables(tool, "/app", headers=basic("anna", "x")))
            for spelling in ("/app/private/x", "/app/%70rivate", "//app//private"):
                self.assertEqual(self.status(tool, spelling), 401)
                told = self.variables(tool, spelling, headers=basic("anna", "secret"))
                self.assertEqual((told["AUTH_TYPE"], told["REMOTE_USER"]), ("Basic", "anna"))
                self.assertNotIn("HTTP_AUTHORIZATION", told)
            # What an application may take for a place that the rules protect.
            self.assertEqual(self.status(tool, "/app/private/%2e%2e/x"), 400)
            for method in ("POST", "PUT", "DELETE", "PROPFIND"):
                for user, status in (("anna", 200), ("bob", 403)):
                    self.assertEqual(self.status(tool, "/app/private", method=method, body=b"x",
                                                 headers=basic(user, "secret")), status, method)


class WhatElse(FastCGITest):
    def test_log(self):
        address = self.root / "ill.sock"
        self.application(str(address), fastcgi.answering(lambda variables, body: fastcgi.stream(
            fastcgi.STDERR, b"first\nsecond \x1b[2J\n") + fastcgi.record(99)))
        with self.tool("0", "--fastcgi", f"/ill=unix:{address}", "--fastcgi",
                       f"/none=unix:{self.root}/none.sock", "--log-format", "common") as tool:
            self.assertEqual(self.status(tool, "/ill"), 502)
            self.assertEqual(self.status(tool, "/none"), 502)
            tool.interrupt()
            log = tool.stderr.rest()
        name = f"FastCGI application unix:{address}"
        for line in (f"{name}: first\n", f"{name}: second \\x1b[2J\n",
                     f"{name} has sent a record of a type that no answer has\n",
                     f"connect unix:{self.root}/none.sock: No such file or directory\n"):
            self.assertIn(line, log)

    def test_arguments_that_make_no_sense(self):
        good = f"/app=unix:{self.socket}"
        for arguments, status, fragment in (
                (["--fastcgi", good, "--upload"], 2, "--upload"),
                (["--fastcgi", good, "--delete"], 2, "--delete"),
                (["--fastcgi", good, "hello.txt"], 2, "one file"),
                (["--fastcgi", "/app"], 2, "--fastcgi"),
                (["--fastcgi", "/app="], 2, "--fastcgi"),
                (["--fastcgi", "=unix:/x"], 2, "--fastcgi"),
                (["--fastcgi", "php=unix:/x"], 2, ".php=unix:/x"),
                (["--fastcgi", "/app=unix:"], 2, "--fastcgi"),
                (["--fastcgi", "/app=nowhere"], 2, "nowhere"),
                (["--fastcgi", "/app=127.0.0.1:0"], 2, "nobody can connect"),
                (["--fastcgi", "/app=:9000"], 2, "nobody can connect"),
                (["--fastcgi", "/app=127.0.0.1:99999"], 2, "99999"),
                (["--cgi-ext", ".sh", "--fastcgi", ".sh=unix:/x"], 2, ".sh")):
            with self.subTest(arguments):
                code, out, err = run("socketserver", "http", "0", *arguments, cwd=self.root)
                self.assertEqual((code, out), (status, ""))
                self.assertRegex(err, r"\Asocketserver: [^\n]+\n\Z")
                self.assertIn(fragment, err)


if __name__ == "__main__":
    unittest.main()
