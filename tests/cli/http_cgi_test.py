"""`socketserver http` with --cgi and --cgi-ext: scripts of several languages, asked by real clients."""

import base64
import http.client
import os
import pwd
import shutil
import socket
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from http_support import HTTPTest  # noqa: E402
from program import PATIENCE, run  # noqa: E402

ONLY_HERE = "Clients may run scripts, so only this machine is served: -b ADDRESS for others"
HEAD = "#!/bin/sh\necho 'Content-Type: text/plain'\necho\n"
ENVIRONMENT = HEAD + "env\n"

# Not one that only the user of this test has: scripts may run as another.
SYSTEM = "/usr/bin:/bin"


def basic(user: str, password: str) -> dict[str, str]:
    text = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": "Basic " + text}


def program(name: str) -> str:
    found = shutil.which(name, path=SYSTEM)
    if not found:
        raise unittest.SkipTest(f"{name} is not installed")
    return found


class ScriptsTest(HTTPTest):
    def setUp(self):
        super().setUp()
        self.root.chmod(0o755)  # for nobody, who runs the scripts of root
        self.script("cgi-bin/env.sh", ENVIRONMENT)
        self.script("cgi-bin/up.sh", HEAD + "tr a-z A-Z\n")

    def script(self, name: str, text: str) -> None:
        self.make(name, text).chmod(0o755)

    def text(self, tool, path: str, **more) -> str:
        response, body = self.get(tool, path, **more)
        self.assertEqual(response.status, 200, body)
        return body.decode()

    def variables(self, tool, path: str, **more) -> dict[str, str]:
        lines = self.text(tool, path, **more).splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    def url(self, tool, path: str) -> str:
        return f"http://127.0.0.1:{tool.port}{path}"


class Limits(ScriptsTest):
    def test_scripts_at_once(self):
        self.script("cgi-bin/wait.sh", HEAD + "echo first\n"
                    'while ! test -e "$DOCUMENT_ROOT/go"; do sleep 0.01; done\n')
        with (self.tool("0", "--cgi", "--cgi-processes", "1") as tool,
              socket.create_connection(("127.0.0.1", tool.port), timeout=PATIENCE) as client):
            client.sendall(b"GET /cgi-bin/wait.sh HTTP/1.0\r\n\r\n")
            self.assertIn(b"200", client.recv(1000))
            response, _ = self.get(tool, "/cgi-bin/env.sh")
            self.assertEqual((response.status, response.getheader("Retry-After")), (503, "1"))
            self.make("go", "")
            while client.recv(1000):
                pass
            self.assertEqual(self.status(tool, "/cgi-bin/env.sh"), 200)


class Directories(ScriptsTest):
    def test_HT_205_those_of_python(self):
        self.script("htbin/env.sh", ENVIRONMENT)
        with self.tool("0", "--cgi", "-d", ".") as tool:
            for path in ("/cgi-bin/env.sh", "/htbin/env.sh"):
                told = self.curl(self.url(tool, path + "/info?a=b"))
                self.assertIn(f"\nSCRIPT_NAME={path}\n", told)
                self.assertIn("\nPATH_INFO=/info\n", told)
                self.assertIn("\nQUERY_STRING=a=b\n", told)
            self.assertEqual(self.curl("-d", "some words", self.url(tool, "/cgi-bin/up.sh")),
                             "SOME WORDS")
            self.assertEqual(self.curl(self.url(tool, "/hello.txt")), "hello\n")
            response, body = self.get(tool, "/cgi-bin/env.sh", method="HEAD")
            self.assertEqual((response.status, body), (200, b""))
            self.assertEqual(self.status(tool, "/cgi-bin/none.sh"), 404)
            self.assertEqual(self.status(tool, "/cgi-bin/"), 403)
            self.assertEqual(self.status(tool, "/hello.txt", method="POST", body=b"x"), 405)
            self.assertEqual(self.status(tool, "/cgi-bin/env.sh", method="PUT", body=b"x"), 501)
            self.assertEqual(self.status(tool, "/hello.txt", method="PUT", body=b"x"), 405)

    def test_others(self):
        self.script("below/apps/env.sh", ENVIRONMENT)
        with self.tool("0", "--cgi=/below/apps/") as tool:
            self.assertEqual(self.variables(tool, "/below/apps/env.sh")["REQUEST_METHOD"], "GET")
            self.assertEqual(self.text(tool, "/cgi-bin/env.sh"), ENVIRONMENT, "served as a file")
        with self.tool("0", "--cgi", "--cgi=below/apps") as tool:
            for path in ("/below/apps/env.sh", "/cgi-bin/env.sh"):
                self.assertEqual(self.variables(tool, path)["SCRIPT_NAME"], path)
        with self.tool("0") as tool:
            self.assertEqual(self.text(tool, "/cgi-bin/env.sh"), ENVIRONMENT)

    def test_under_every_engine(self):
        large = bytes(range(ord("a"), ord("z") + 1)) * 40_000
        for engine in ("sync", "thread", "pool", "fork", "prefork", "fiber"):
            with self.subTest(engine), self.tool("0", "--cgi", "--engine", engine) as tool:
                for _ in range(2):
                    told = self.get(tool, "/cgi-bin/up.sh", method="POST", body=large)[1]
                    self.assertTrue(told == large.upper())

    def test_environment_is_no_more_than_it_must_be(self):
        os.environ["SOCKETSERVER_TEST_SECRET"] = "secret"
        self.addCleanup(os.environ.pop, "SOCKETSERVER_TEST_SECRET")
        with self.tool("0", "--cgi") as tool:
            self.assertNotIn("secret", self.text(tool, "/cgi-bin/env.sh"))

    def test_protocol_1_0(self):
        with self.tool("0", "--cgi", "--protocol", "HTTP/1.0") as tool:
            self.assertIn("GATEWAY_INTERFACE=CGI/1.1", self.curl(self.url(tool, "/cgi-bin/env.sh")))


class Extensions(ScriptsTest):
    def test_shell(self):
        self.make("apps/env.sh", ENVIRONMENT)  # needs no permission to execute
        for given in (".sh", "sh", ".sh=sh", "sh=/bin/sh"):
            with self.tool("0", "--cgi-ext", given) as tool:
                told = self.variables(tool, "/apps/env.sh/info")
                self.assertEqual((told["SCRIPT_NAME"], told["PATH_INFO"]), ("/apps/env.sh", "/info"))
                self.assertIn("GATEWAY_INTERFACE", self.text(tool, "/cgi-bin/env.sh"))

    def test_python(self):
        self.make("app/index.py", """
import os, sys
body = sys.stdin.read()
print("Status: 201 Made\\nContent-Type: text/plain\\n")
print(os.environ["REQUEST_METHOD"], body, sys.argv[1:])
""".lstrip())
        with self.tool("0", "--cgi-ext", f".py={program('python3')}", "--index", "index.py") as tool:
            self.assertEqual(self.curl("-d", "a=b", self.url(tool, "/app/?one+two")),
                             "POST a=b ['one two']\n")
            self.assertEqual(self.status(tool, "/app/index.py"), 201)
            self.assertEqual(self.status(tool, "/app"), 301)

    def test_perl(self):
        self.make("form.pl", r"""
use strict;
read(STDIN, my $body, $ENV{CONTENT_LENGTH} || 0);
print "Content-Type: text/plain\r\n\r\n", scalar reverse $body;
""".lstrip())
        with self.tool("0", "--cgi-ext", f".pl={program('perl')}") as tool:
            self.assertEqual(self.curl("-d", "abc", self.url(tool, "/form.pl")), "cba")

    def test_php(self):
        self.make("index.php", "<?php header('X-By: php'); echo $_POST['name'], $_GET['q'];")
        with self.tool("0", "--cgi-ext", f".php={program('php-cgi')}", "--index",
                       "index.php") as tool:
            said = self.curl("-i", "-d", "name=x", self.url(tool, "/?q=y"))
            self.assertTrue(said.startswith("HTTP/1.1 200 "), said)
            self.assertIn("\nX-By: php\n", said.replace("\r\n", "\n"))
            self.assertTrue(said.endswith("xy"), said)

    def test_several_and_directories_too(self):
        self.make("a.one", ENVIRONMENT)
        self.make("a.two", ENVIRONMENT)
        with self.tool("0", "--cgi-ext", ".one=sh", "--cgi-ext", ".two=sh", "--cgi") as tool:
            for path in ("/a.one", "/a.two", "/cgi-bin/env.sh"):
                self.assertEqual(self.variables(tool, path)["SCRIPT_NAME"], path)

    def test_one_file(self):
        self.make("apps/env.sh", ENVIRONMENT)
        with self.tool("0", "--cgi-ext", ".sh", "apps/env.sh") as tool:
            self.assertEqual(self.variables(tool, "/?a=b")["QUERY_STRING"], "a=b")
            self.assertEqual(self.status(tool, "/env.sh"), 200)
            self.assertEqual(self.status(tool, "/cgi-bin/env.sh"), 404)


class WhoMay(ScriptsTest):
    def test_only_this_machine_unless_told_otherwise(self):
        for arguments in (["--cgi"], ["--cgi=cgi-bin"], ["--cgi-ext", ".sh"],
                          ["--cgi", "--allow", "10.0.0.0/8"],
                          ["--cgi", "-a", "anna:secret@/below"]):
            with self.tool("0", *arguments) as tool:
                self.assertEqual(tool.host, "127.0.0.1")
                self.assertEqual(tool.stdout.readline(), ONLY_HERE)
        for arguments in (["-b", "0.0.0.0"], ["-a", "anna:secret"]):
            with self.tool("0", "--cgi", *arguments) as tool:
                self.assertNotEqual(tool.host, "127.0.0.1")

    def test_accounts(self):
        self.script("cgi-bin/private/env.sh", ENVIRONMENT)
        with self.tool("0", "--cgi", "-a", "anna:secret@/cgi-bin/private", "-a",
                       "bob:secret@/cgi-bin/private:ro") as tool:
            path = "/cgi-bin/private/env.sh"
            for spelling in (path, "/cgi-bin/%70rivate/env.sh", "//cgi-bin/x/../private/env.sh"):
                self.assertEqual(self.status(tool, spelling), 401)
                self.assertEqual(self.status(tool, spelling, headers=basic("anna", "x")), 401)
                told = self.variables(tool, spelling, headers=basic("anna", "secret"))
                self.assertEqual((told["AUTH_TYPE"], told["REMOTE_USER"]), ("Basic", "anna"))
                self.assertNotIn("HTTP_AUTHORIZATION", told)
            # To read is to GET.
            self.assertEqual(self.status(tool, path, headers=basic("bob", "secret")), 200)
            for user, status in (("anna", 200), ("bob", 403)):
                self.assertEqual(self.status(tool, path, method="POST", body=b"x",
                                             headers=basic(user, "secret")), status)

    def test_no_user_whom_nobody_has_checked(self):
        with self.tool("0", "--cgi", "-a", "anna:secret@/below") as tool:
            told = self.variables(tool, "/cgi-bin/env.sh", headers=basic("anna", "x"))
            self.assertNotIn("REMOTE_USER", told)
            self.assertNotIn("AUTH_TYPE", told)

    def test_where_a_script_sends_its_client_to_the_rules_hold(self):
        self.script("cgi-bin/go.sh", '#!/bin/sh\necho "Location: $QUERY_STRING"\necho\n')
        with self.tool("0", "--cgi", "-a", "anna:secret@/below", "--health",
                       "-a", "bob:secret@/other") as tool:
            self.assertEqual(self.text(tool, "/cgi-bin/go.sh?/hello.txt"), "hello\n")
            path = "/cgi-bin/go.sh?/below/deep.txt"
            for method in ("GET", "HEAD", "POST"):
                self.assertEqual(self.status(tool, path, method=method), 401)
                for user, status in (("bob", 403), ("anna", 200)):
                    self.assertEqual(self.status(tool, path, method=method,
                                                 headers=basic(user, "secret")), status)
            self.assertEqual(self.text(tool, "/cgi-bin/go.sh?/healthz"), "ok\n")

    def test_where_a_script_has_sent_a_client_says_nothing_of_its_next_request(self):
        self.script("cgi-bin/away.sh", "#!/bin/sh\necho 'Location: /hello.txt'\necho\n")
        self.script("secret/run.sh", HEAD + "echo ran\n")
        for engine in ("fiber", "thread", "sync"):
            with self.subTest(engine), self.tool(
                    "0", "--engine", engine, "--cgi", "--cgi=secret",
                    "-a", "anna:secret@/secret") as tool:
                connection = http.client.HTTPConnection("127.0.0.1", tool.port, timeout=PATIENCE)
                self.addCleanup(connection.close)
                for _ in range(2):
                    connection.request("GET", "/cgi-bin/away.sh")
                    self.assertEqual(connection.getresponse().read(), b"hello\n")
                    for method in ("POST", "GET"):
                        connection.request(method, "/secret/run.sh")
                        response = connection.getresponse()
                        self.assertNotIn(b"ran", response.read())
                        self.assertEqual(response.status, 401)
                connection.close()

    def test_networks(self):
        with self.tool("0", "--cgi", "--deny", "127.0.0.0/8") as tool:
            self.assertEqual(self.status(tool, "/cgi-bin/env.sh"), 403)

    @unittest.skipUnless(os.getuid() == 0, "only root can become another")
    def test_scripts_of_root_run_as_nobody_and_those_of_another_as_that_one(self):
        self.script("cgi-bin/id.sh", HEAD + "id -u; id -g; id -G\n")
        nobody = pwd.getpwnam("nobody")
        games = pwd.getpwnam("games")
        for arguments, user in (([], nobody), (["--user", "root"], nobody),
                                (["--user", "games"], games)):
            with self.tool("0", "--cgi", *arguments) as tool:
                told = self.text(tool, "/cgi-bin/id.sh").split()
                self.assertEqual(told[:2], [str(user.pw_uid), str(user.pw_gid)])
                self.assertNotIn("0", told[2:])


class WhatElse(ScriptsTest):
    def test_random_route(self):
        self.script("cgi-bin/go.sh",
                    '#!/bin/sh\necho "Location: ${SCRIPT_NAME%go.sh}env.sh"\necho\n')
        with self.tool("0", "--cgi", "--random-route") as tool:
            route = "/" + tool.url.split("/")[3]
            told = self.variables(tool, route + "/cgi-bin/env.sh/info")
            self.assertEqual(told["SCRIPT_NAME"], route + "/cgi-bin/env.sh")
            self.assertEqual(told["PATH_INFO"], "/info")
            self.assertEqual(told["SCRIPT_FILENAME"], str(self.root / "cgi-bin/env.sh"))
            told = self.variables(tool, route + "/cgi-bin/go.sh")
            self.assertEqual(told["SCRIPT_NAME"], route + "/cgi-bin/env.sh")
            self.assertEqual(self.status(tool, "/cgi-bin/env.sh"), 404)

    def test_header_fields(self):
        self.script("cgi-bin/own.sh", "#!/bin/sh\nprintf 'Content-Type: text/html\\n"
                    "content-security-policy: default-src *\\nX-Frame-Options: DENY\\n"
                    "Access-Control-Allow-Origin: https://one.example\\n\\n'\n")
        with self.tool("0", "--cgi", "--security-headers", "--cors", "--csp",
                       "default-src 'self'") as tool:
            def fields(path):
                headers = self.get(tool, path)[0].headers
                return [headers.get_all(name) for name in (
                    "Content-Security-Policy", "X-Frame-Options", "Access-Control-Allow-Origin",
                    "X-Content-Type-Options")]

            self.assertEqual(fields("/cgi-bin/env.sh"),
                             [["default-src 'self'"], ["SAMEORIGIN"], ["*"], ["nosniff"]])
            self.assertEqual(fields("/cgi-bin/own.sh"), [
                ["default-src *"], ["DENY"], ["https://one.example"], ["nosniff"]])

    def test_hidden_names_and_links(self):
        self.script("cgi-bin/.env.sh", ENVIRONMENT)
        self.script("cgi-bin/old.bak", ENVIRONMENT)
        (self.root / "cgi-bin/link.sh").symlink_to("env.sh")
        with self.tool("0", "--cgi", "--hide", "*.bak", "--symlinks", "none") as tool:
            for name in (".env.sh", "old.bak", "link.sh"):
                self.assertEqual(self.status(tool, "/cgi-bin/" + name), 404, name)
        with self.tool("0", "--cgi", "--hidden") as tool:
            for name in (".env.sh", "old.bak", "link.sh"):
                self.assertEqual(self.status(tool, "/cgi-bin/" + name), 200, name)

    def test_logs(self):
        self.script("cgi-bin/bad.sh", "#!/bin/sh\necho to the error output >&2\nexit 7\n")
        with self.tool("0", "--cgi", "--log-format", "common", "-a", "anna:secret") as tool:
            more = {"headers": basic("anna", "secret")}
            body = self.text(tool, "/cgi-bin/up.sh", method="POST", body=b"hello", **more)
            self.assertEqual(body, "HELLO")
            self.assertEqual(self.status(tool, "/cgi-bin/bad.sh", **more), 500)
            tool.interrupt()
            log = tool.stderr.rest()
        self.assertRegex(log, r' anna \[.*\] "POST /cgi-bin/up\.sh HTTP/1\.1" 200 5\n')
        self.assertRegex(log, r' anna \[.*\] "GET /cgi-bin/bad\.sh HTTP/1\.1" 500 ')
        self.assertIn("to the error output\n", log)
        self.assertIn("CGI script exit code 7\n", log)

    def test_file_of_options_and_environment(self):
        self.make("web.toml", "cgi = true\ncgi-ext = ['.one=sh', '.two=sh']\nport = 0\n")
        self.make("a.two", ENVIRONMENT)
        with self.tool("--config", "web.toml") as tool:
            for path in ("/a.two", "/cgi-bin/env.sh"):
                self.assertEqual(self.variables(tool, path)["SCRIPT_NAME"], path)
        os.environ["SOCKETSERVER_CGI"] = "cgi-bin"
        self.addCleanup(os.environ.pop, "SOCKETSERVER_CGI")
        with self.tool("0") as tool:
            self.assertIn("SCRIPT_NAME", self.variables(tool, "/cgi-bin/env.sh"))

    def test_arguments_that_make_no_sense(self):
        self.make("page.sh", HEAD)
        for arguments, status, fragment in (
                (["--cgi", "--upload"], 2, "--upload"),
                (["--cgi", "--mkdir"], 2, "--mkdir"),
                (["--cgi-ext", ".sh", "--delete"], 2, "--delete"),
                (["--cgi=missing"], 1, '"missing"'),
                (["--cgi=hello.txt"], 2, '"hello.txt"'),
                (["--cgi", "hello.txt"], 2, "one file"),
                (["--cgi-ext", ".what"], 2, ".what=PROGRAM"),
                (["--cgi-ext", "=sh"], 2, "--cgi-ext"),
                (["--cgi-ext", ".sh="], 2, "--cgi-ext"),
                (["--cgi-ext", ".sh", "--spa=page.sh"], 2, "page.sh"),
                (["--cgi-ext", ".sh", "--error-page", "404=page.sh"], 2, "page.sh"),
                (["--cgi-ext", ".x=no-such-program"], 1, "interpreter no-such-program: "),
                (["--cgi-ext", ".x=/no/such/program"], 1, "interpreter /no/such/program: ")):
            with self.subTest(arguments):
                code, out, err = run("socketserver", "http", "0", *arguments, cwd=self.root)
                self.assertEqual((code, out), (status, ""))
                self.assertRegex(err, r"\Asocketserver: [^\n]+\n\Z")
                self.assertIn(fragment, err)
        if "--archive" in run("socketserver", "http", "--help")[1]:
            code, _, err = run("socketserver", "http", "--cgi", "--archive", "zip", cwd=self.root)
            self.assertEqual(code, 2)
            self.assertIn("--archive", err)


if __name__ == "__main__":
    unittest.main()
