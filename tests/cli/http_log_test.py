"""What `socketserver http` logs: formats, levels, files that are moved away."""

import http.client
import json
import signal
import socket
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from http_support import HTTPTest  # noqa: E402
from program import PATIENCE, Program, ask, connect, run, wait_until, without_volatile  # noqa: E402

DATE = r"\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]"


class Formats(HTTPTest):
    def test_combined_is_the_default(self):
        with self.tool("0") as tool:
            size = len(self.get(tool, "/missing", headers={"User-Agent": "t", "Referer": "r"})[1])
            self.assertRegex(
                tool.stderr.readline(),
                rf'\A127\.0\.0\.1 - - {DATE} "GET /missing HTTP/1\.1" 404 {size} "r" "t"\Z')

    def test_python(self):
        with self.tool("0", "--log-format", "python") as tool:
            self.get(tool, "/hello.txt")
            self.assertRegex(
                tool.stderr.readline(),
                r'\A127\.0\.0\.1 - - \[\d\d/[A-Z][a-z]{2}/\d{4} \d\d:\d\d:\d\d\] '
                r'"GET /hello\.txt HTTP/1\.1" 200 -\Z')
            self.get(tool, "/missing")
            lines = [without_volatile(tool.stderr.readline()) for _ in range(2)]
            self.assertEqual(lines, [
                "127.0.0.1 - - [<time>] code 404, message File not found",
                '127.0.0.1 - - [<time>] "GET /missing HTTP/1.1" 404 -'])

    def test_common(self):
        with self.tool("0", "--log-format", "common") as tool:
            self.get(tool, "/hello.txt")
            self.assertRegex(tool.stderr.readline(),
                             rf'\A127\.0\.0\.1 - - {DATE} "GET /hello\.txt HTTP/1\.1" 200 6\Z')
            self.get(tool, "/hello.txt", method="HEAD")
            self.assertTrue(tool.stderr.readline().endswith('"HEAD /hello.txt HTTP/1.1" 200 -'))
            self.get(tool, "/data.bin")
            self.assertTrue(tool.stderr.readline().endswith(f" 200 {len(self.bytes)}"))
            # One line for each answer, errors too.
            size = len(self.get(tool, "/missing")[1])
            self.assertTrue(tool.stderr.readline().endswith(f" 404 {size}"))

    def test_combined_with_a_user(self):
        with self.tool("0", "--log-format", "combined", "-a", "anna:x") as tool:
            self.curl("-u", "anna:x", "-e", "http://before/", "-A", 'a "b"\\', tool.url + "hello.txt")
            self.assertRegex(
                tool.stderr.readline(),
                rf'\A127\.0\.0\.1 - anna {DATE} "GET /hello\.txt HTTP/1\.1" 200 6 '
                r'"http://before/" "a \\"b\\"\\\\"\Z')

    def test_who_has_not_proved_it_is_nobody(self):
        with self.tool("0", "--log-format", "common", "-a", "anna:x@/below") as tool:
            for user, path, status in (("anna:x", "below/deep.txt", 200), ("anna:y", "hello.txt", 200),
                                       ("anna:y", "below/deep.txt", 401)):
                self.curl("-u", user, tool.url + path)
                name = "anna" if user == "anna:x" else "-"
                self.assertRegex(tool.stderr.readline(), rf'\A127\.0\.0\.1 - {name} .* {status} ')

    def test_json(self):
        with self.tool("0", "--log-format=json") as tool:
            self.get(tool, "/hello.txt?q=1", headers={"User-Agent": "t"})
            entry = json.loads(tool.stderr.readline())
            self.assertEqual(
                {key: entry[key] for key in ("client", "user", "method", "target", "version",
                                             "status", "bytes", "referer", "user_agent")},
                {"client": "127.0.0.1", "user": None, "method": "GET", "target": "/hello.txt?q=1",
                 "version": "HTTP/1.1", "status": 200, "bytes": 6, "referer": None,
                 "user_agent": "t"})
            self.assertGreater(entry["duration"], 0)
            self.assertRegex(entry["time"], r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")

    def test_a_format_of_ones_own(self):
        form = ('$remote_addr|$remote_user|$request_method|$request_uri|${server_protocol}|$status|'
                '$body_bytes_sent|$http_user_agent|$http_x_no|$$|$time_iso8601|$request_time|$msec|$pid')
        for engine in ("fiber", "prefork"):
            with self.tool("0", "--engine", engine, "--log-format", form, "-a", "anna:x") as tool:
                self.curl("-u", "anna:x", "-A", "a\t\"b\"", tool.url + "hello.txt?q=1")
                line = tool.stderr.readline()
                self.assertRegex(
                    line, r'\A127\.0\.0\.1\|anna\|GET\|/hello\.txt\?q=1\|HTTP/1\.1\|200\|6\|'
                          r'a\\x09\\"b\\"\|-\|\$\|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d\|'
                          r'\d+\.\d{3}\|\d{10}\.\d{3}\|\d+\Z')
                if engine == "fiber":
                    self.assertEqual(int(line.rsplit("|", 1)[1]), tool.process.pid)
        with self.tool("0", "--log-format=$remote_port") as tool:
            connection = http.client.HTTPConnection("127.0.0.1", tool.port)
            self.addCleanup(connection.close)
            connection.request("GET", "/hello.txt")
            self.assertEqual(tool.stderr.readline(), str(connection.sock.getsockname()[1]))

    def test_formats_that_make_no_sense(self):
        for form, *fragments in (("$status $foo", '"$foo"', "$remote_addr", "$http_NAME"),
                                 ("clf", '"clf"', "combined"), ("$", "$$"), ("${status", "${NAME}"),
                                 ("$status\n", "one line"), ("", "combined")):
            code, out, err = run("socketserver", "http", "0", f"--log-format={form}", cwd=self.root)
            with self.subTest(form):
                self.assertEqual((code, out), (2, ""))
                self.assertRegex(err, r"\Asocketserver: --log-format: [^\n]+\n\Z")
                for fragment in fragments:
                    self.assertIn(fragment, err)

    def test_clients_of_unix_sockets_have_a_name(self):
        path = self.root / "web.sock"
        for form, start in (("combined", "unix: - - ["), ("common", "unix: - - ["),
                            ("python", "unix: - - ["), ("json", "{"),
                            ("$remote_addr $remote_port $status", "unix: - 200")):
            with Program("socketserver", "http", "-b", f"unix:{path}", "--log-format", form,
                         cwd=self.root) as tool:
                tool.stdout.readline()
                self.assertEqual(self.curl("--unix-socket", path, "http://x/hello.txt"), "hello\n")
                line = tool.stderr.readline()
                self.assertTrue(line.startswith(start), line)
                if form == "json":
                    self.assertEqual(json.loads(line)["client"], "unix:")

    def test_requests_that_are_refused(self):
        with self.tool("0", "--log-format", "common") as tool:
            self.assertIn(b" 400 ", ask(tool.port, b"GET / HTTP/1.1\r\n\r\n"))
            self.assertIn('"GET / HTTP/1.1" 400 ', tool.stderr.readline())

    def test_HT_101_control_characters(self):
        for form in ("python", "common", "combined", "json",
                     '"$request" $request_uri $http_user_agent'):
            with self.tool("0", "--log-format", form) as tool:
                ask(tool.port, b"GET /\x1b[31m HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                               b"User-Agent: \x9b\"\r\n\r\n")
                tool.interrupt()
                log = tool.stderr.rest()
                self.assertTrue(log)
                self.assertNotRegex(log.replace("\n", ""), r"[\x00-\x1f\x7f-\x9f]")


class Levels(HTTPTest):
    def test_quiet(self):
        with self.tool("0", "-q") as tool:
            self.get(tool, "/hello.txt")
            tool.interrupt()
            self.assertEqual(tool.stderr.rest(), "")

    def test_color(self):
        for when, start in (("always", "\x1b[32m200\x1b[0m"), ("never", "200"), ("auto", "200")):
            with self.tool("0", "--log-color", when) as tool:
                self.get(tool, "/hello.txt")
                self.assertTrue(tool.stderr.readline().endswith(f'HTTP/1.1" {start} 6 "-" "-"'))


class Files(HTTPTest):
    def test_file_is_appended_to(self):
        log = self.make("log", "before\n")
        with self.tool("0", "--log-file", "log") as tool:
            self.get(tool, "/hello.txt")
            wait_until(lambda: log.read_text().count("\n") == 2, "a line in the log")
            tool.interrupt()
            self.assertEqual(tool.stderr.rest(), "")
        self.assertRegex(log.read_text(), r'\Abefore\n.*"GET /hello.txt HTTP/1.1" 200 6 "-" "-"\n\Z')

    def rotate(self, engine: str, number: int):
        log, old = self.root / "log", self.root / "old"
        with self.tool("0", "--engine", engine, "--log-file", "log") as tool:
            self.get(tool, "/hello.txt")
            wait_until(lambda: "hello" in log.read_text(), "a line in the log")
            log.rename(old)
            tool.interrupt(number)
            # Whatever is logged makes the file.
            wait_until(lambda: self.status(tool, "/data.bin") == 200 and log.exists(), "a new log")
            wait_until(lambda: "data.bin" in log.read_text(), "a line in the new log")
            self.assertIn("hello", old.read_text())

    def test_reopened_on_signals(self):
        for engine in ("fiber", "fork", "thread"):
            for number in (signal.SIGUSR1, signal.SIGHUP):
                with self.subTest(engine, signal=number):
                    self.rotate(engine, number)
        self.rotate("prefork", signal.SIGUSR1)


class Service:
    """Stands in for /dev/log and for the journal."""

    def __init__(self, path: Path):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.settimeout(PATIENCE)
        self.socket.bind(str(path))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.path.unlink()

    def message(self) -> str:
        return self.socket.recv(65536).decode()

    def fields(self) -> dict[str, str]:
        """An entry of the journal, whose values have one line each."""
        return dict(line.split("=", 1) for line in self.message().splitlines())


class Services(HTTPTest):
    def test_syslog(self):
        for engine, argument, priority in (("fiber", "--syslog", 30), ("fork", "--syslog=local3", 158),
                                           ("prefork", "--syslog=user", 14)):
            with (self.subTest(engine), Service(self.root / "log") as service,
                  self.tool("0", argument, "--log-socket", "log", "--engine", engine) as tool):
                self.get(tool, "/hello.txt", headers={"User-Agent": "t"})
                self.assertRegex(
                    service.message(),
                    rf'\A<{priority}>[A-Z][a-z]{{2}} [ \d]\d \d\d:\d\d:\d\d socketserver\[\d+\]: '
                    rf'127\.0\.0\.1 - - {DATE} "GET /hello\.txt HTTP/1\.1" 200 6 "-" "t"\Z')
                tool.interrupt()
                self.assertEqual(tool.stderr.rest(), "")

    def test_journal(self):
        with (Service(self.root / "log") as service,
              self.tool("0", "--journal", "--log-socket", "log", "--log-format", "$request_uri=$status",
                        "-v", "--max-per-ip", 1) as tool):
            with connect(tool.port) as first:
                first.sendall(b"GET /hello.txt HTTP/1.1\r\nHost: x\r\n\r\n")
                self.assertEqual(service.fields(), {"MESSAGE": "/hello.txt=200", "PRIORITY": "6",
                                                    "SYSLOG_IDENTIFIER": "socketserver"})
                with connect(tool.port):
                    entry = service.fields()
                self.assertEqual(entry["PRIORITY"], "4")
                self.assertIn("max_connections_per_ip: 1 refused", entry["MESSAGE"])

    def test_a_service_that_goes_away_and_comes_back(self):
        for form in ("combined", "json"):
            with Service(self.root / "log") as service:
                tool = self.enterContext(
                    self.tool("0", "--syslog", "--log-socket", "log", "--log-format", form))
                self.get(tool, "/hello.txt")
                self.assertIn("/hello.txt", service.message())
            for path in ("/data.bin", "/missing"):
                self.get(tool, path)
                if path == "/data.bin":
                    notice = tool.stderr.readline()
                    self.assertIn(f"log to {self.root}/log: No such file or directory", notice)
                line = tool.stderr.readline()
                self.assertIn(path, line)
                if form == "json":
                    self.assertEqual(json.loads(notice)["level"], "warning")
                    self.assertEqual(json.loads(line)["target"], path)
            with Service(self.root / "log") as service:
                self.get(tool, "/below/")
                self.assertIn("/below/", service.message())
                tool.interrupt()
                self.assertEqual(tool.stderr.rest(), "")

    def test_a_service_that_is_not_there(self):
        for option in ("--syslog", "--journal"):
            self.assertEqual(
                run("socketserver", "http", "0", option, "--log-socket", "none/log", cwd=self.root),
                (1, "", f"socketserver: connect {self.root}/none/log: No such file or directory\n"))

    def test_what_makes_no_sense(self):
        for arguments, *fragments in ((["--syslog", "--journal"], "--syslog", "--journal"),
                                      (["--syslog", "--log-file", "x"], "--syslog", "--log-file"),
                                      (["--journal", "--log-file=x"], "--journal", "--log-file"),
                                      (["--syslog=kern"], "kern", "daemon"),
                                      (["--log-socket", "x"], "--syslog", "--journal"),
                                      (["--journal", "--log-color", "always"], "--log-color")):
            code, out, err = run("socketserver", "http", "0", *arguments, cwd=self.root)
            with self.subTest(arguments):
                self.assertEqual((code, out), (2, ""))
                for fragment in fragments:
                    self.assertIn(fragment, err)


if __name__ == "__main__":
    unittest.main()
