"""What the tool says about itself, and how it refuses what makes no sense."""

import itertools
import os
import socket
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import run  # noqa: E402

SERVICES = {"echo": 7, "discard": 9, "daytime": 13, "time": 37, "chargen": 19}
SERVICE_OPTIONS = ("--help", "--version", "--udp", "--unix", "--port", "--bind", "--engine",
                   "--workers", "--max-connections", "--max-per-ip", "--timeout")
HTTP_OPTIONS = (
    "--help", "--version", "PATH|PORT", "--directory", "--protocol", "--port", "--bind",
    "--auth", "--auth-file", "--auth-realm", "--allow", "--deny", "--random-route",
    "--index", "--no-listing", "--listing", "--sort", "--title", "--hidden", "--hide", "--symlinks",
    "--spa", "--pretty-urls", "--error-page",
    "--precompressed", "--cache", "--no-etag", "--charset", "--mime", "--mime-file",
    "--content-type", "--header", "--cors", "--security-headers", "--csp", "--cgi", "--cgi-ext",
    "--engine", "--workers", "--max-connections", "--max-per-ip", "--timeout-header",
    "--timeout-idle", "--timeout-body", "--min-rate", "--max-header", "--max-body", "--grace",
    "--rate", "--verbose", "--quiet", "--log-format", "--log-file", "--syslog", "--journal",
    "--log-socket", "--log-color", "--health", "--ready", "--shutdown-delay", "--daemon", "--pidfile",
    "--chroot", "--user", "--config", "--print-config", "--check-config", "--open",
    "--completions", "--print-manpage")


def may_bind_any_port() -> bool:
    with socket.socket() as attempt:
        try:
            attempt.bind(("127.0.0.1", 1))
        except PermissionError:
            return False
        except OSError:  # taken by somebody, hence not forbidden
            pass
        return True


class Usage(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.directory = folder.name
        Path(folder.name, "file.txt").write_text("text")
        Path(folder.name, "below").mkdir()

    def tool(self, *arguments: object) -> tuple[int, str, str]:
        return run("socketserver", *arguments, cwd=self.directory)

    def check_refused(self, arguments: str, status: int, *fragments: str):
        with self.subTest(arguments):
            code, out, err = self.tool(*arguments.split())
            self.assertEqual((code, out), (status, ""))
            self.assertRegex(err, r"\Asocketserver: [^\n]+\n\Z")
            for fragment in fragments:
                self.assertIn(fragment, err)

    def test_help(self):
        for arguments in (["-h"], ["--help"]):
            code, out, err = self.tool(*arguments)
            self.assertEqual((code, err), (0, ""))
            for text in ("Usage: socketserver", "http", "--help", "--version"):
                self.assertIn(text, out)
            code, out, err = self.tool("http", *arguments)
            self.assertEqual((code, err), (0, ""))
            for text in ("Usage: socketserver http", "8000", *HTTP_OPTIONS):
                self.assertIn(text, out)

    def test_help_of_the_services(self):
        _, commands, _ = self.tool("--help")
        for name, port in SERVICES.items():
            self.assertIn(f"\n  {name} ", commands)
            code, out, err = self.tool(name, "--help")
            self.assertEqual((code, err), (0, ""))
            for text in (f"Usage: socketserver {name}", f"well-known: {port}", "127.0.0.1",
                         "[PORT]", *SERVICE_OPTIONS):
                self.assertIn(text, out)
            self.assertNotIn(":INT", out)

    def test_services_refuse(self):
        for name in SERVICES:
            self.check_refused(f"{name} extra", 2, "extra")
        for port in ("65536", "-1", "x", "7x"):
            self.check_refused(f"echo --port={port}", 2, "port", f'"{port}"', "65535")
        self.check_refused("echo 65536", 2, "port", '"65536"', "65535")
        self.check_refused("echo 7001 7002", 2, "7002")
        for ports in ("7001 -p 7002", "-p 7001 -p 7002"):
            self.check_refused(f"echo {ports}", 2, '"7001"', '"7002"')
        self.check_refused("echo --engine select", 2, "--engine", "select", "prefork")
        for workers in ("0", "-1", "x", "1025", "99999999999999999999"):
            self.check_refused(f"echo --engine pool --workers={workers}", 2, "--workers", workers)
        for engine in ("sync", "thread", "fork"):
            self.check_refused(f"echo --engine {engine} --workers 2", 2, "--workers", engine)
        for option, number in itertools.product(("--max-connections", "--max-per-ip", "--timeout"),
                                                ("-1", "x", "1x", "1.5", "99999999999999999999")):
            self.check_refused(f"echo {option}={number}", 2, option, number)
        self.check_refused("echo --max-connections 0", 2, "--max-connections")
        self.check_refused("echo --timeout 5x", 2, "--timeout: must be a span of time")
        self.check_refused("echo --unix socket --port 7", 2, "--unix", "--port")
        self.check_refused("echo --unix socket 7", 2, "--unix", "PORT")
        self.check_refused("echo --unix socket --bind ::1", 2, "--unix", "--bind")
        self.check_refused("echo --unix @", 2, "--unix", "@")
        self.check_refused("echo --unix=", 2, "--unix")
        self.check_refused("echo --unix", 2, "--unix")
        self.check_refused("echo --bind", 2, "--bind")

    def test_services_where_they_cannot_be(self):
        self.check_refused("echo -b 192.0.2.1", 1, "bind 192.0.2.1:0: ")
        self.check_refused("echo -b nowhere.invalid", 1, "resolve nowhere.invalid: ")
        self.check_refused("echo --unix missing/socket", 1, "missing/socket")
        self.check_refused("echo --unix " + 200 * "x", 1, "200")
        self.check_refused("echo --unix file.txt", 1, "file.txt")
        for kind, switch in ((socket.SOCK_STREAM, ""), (socket.SOCK_DGRAM, "--udp")):
            with socket.socket(type=kind) as holder:
                holder.bind(("127.0.0.1", 0))
                if kind == socket.SOCK_STREAM:
                    holder.listen()
                port = holder.getsockname()[1]
                self.check_refused(f"echo -p {port} {switch}", 1,
                                   f"bind 127.0.0.1:{port}: Address already in use")

    def test_version(self):
        for arguments in (["-V"], ["--version"], ["http", "-V"], ["http", "--version"]):
            code, out, err = self.tool(*arguments)
            self.assertEqual((code, err), (0, ""))
            self.assertRegex(out, r"\Asocketserver \d+\.\d+\.\d+\n\Z")

    def test_no_subcommand(self):
        code, out, err = self.tool()
        self.assertEqual((code, out), (2, ""))
        self.assertIn("Usage: socketserver", err)

    def test_unknown_words(self):
        self.check_refused("ftp", 2, "ftp")
        self.check_refused("--frob", 2, "--frob")
        self.check_refused("http --frob", 2, "--frob")
        self.check_refused("http below another", 2, '"below"', '"another"')
        self.check_refused("http --port", 2, "--port")
        self.check_refused("http --directory", 2, "--directory")

    def test_HT_202_bad_port(self):
        for port in ("abc", "-1", "+1", "65536", "99999", "80x", "0x50", "8e3", "4294967376"):
            self.check_refused(f"http -p {port}", 2, "port", "0 to 65535", port)
        for port in ("65536", "99999", "4294967376"):
            self.check_refused(f"http {port}", 2, "port", "0 to 65535", port)
        self.assertEqual(self.tool("http", "-p", "")[0], 2)

    def test_HT_203_bad_directory(self):
        self.check_refused("http missing", 1, "missing", "No such file or directory")
        self.check_refused("http -d missing", 1, "missing", "No such file or directory")
        self.check_refused("http file.txt/below", 1, "file.txt/below", "Not a directory")
        self.check_refused("http /dev/null", 2, "/dev/null", "Not a directory")
        self.check_refused("http file.txt -d .", 2, "file.txt", '"."')
        self.check_refused("http --directory file.txt", 2, "file.txt", "Not a directory")
        self.assertEqual(self.tool("http", "")[0], 2)

    def test_two_different_values(self):
        self.check_refused("http 8001 -p 8002", 2, "8001", "8002")
        self.check_refused("http -p 8001 -p 8002", 2, "8001", "8002")
        self.check_refused("http below -d .", 2, '"below"', '"."')
        self.check_refused("http -d below --directory .", 2, '"below"', '"."')

    def test_bad_protocol(self):
        for protocol in ("HTTP/2", "HTTP/0.9", "http/1.1", "1.1"):
            self.check_refused(f"http --protocol {protocol}", 2, protocol, "HTTP/1.0", "HTTP/1.1")

    def test_bad_values_of_http(self):
        for option, value, *fragments in (
                ("--bind", "unix:"), ("--bind", "unix:@"), ("--bind", "unix:x,mode=999", "octal"),
                ("--bind", "fd:99", "not open"), ("--bind", "fd:x"), ("--bind", "systemd"),
                ("--bind", "systemd:web", '"web"'),
                ("--engine", "select", "prefork"), ("--workers", "0", "1024"),
                ("--max-connections", "0"), ("--max-per-ip", "-1"), ("--timeout-header", "10x"),
                ("--timeout-idle", "-1s"), ("--timeout-body", "fast"), ("--min-rate", "slow"), ("--max-header", "0"),
                ("--max-header", "64Q"), ("--max-body", "1e9"), ("--grace", "99999999999999999999"),
                ("--index", "a/b"), ("--index", "a,,b"), ("--listing", "xml", "json"),
                ("--sort", "date", "time"), ("--symlinks", "some", "inside"),
                ("--spa", "below", "no file"), ("--error-page", "404"),
                ("--error-page", "200=file.txt", "400"), ("--error-page", "404=below", "no file"),
                ("--upload", "file.txt", "Not a directory"), ("--cgi", "file.txt", "no directory"),
                ("--chroot", "file.txt", "Not a directory"),
                ("--cache", "never", "revalidate"), ("--charset", "a b"), ("--mime", "txt"),
                ("--mime", "txt=text"), ("--content-type", "text"), ("--header", "X"),
                ("--header", "X Y: z"), ("--header", "Content-Length: 5", "server's own"),
                ("--cors", "example.org", "https"), ("--auth", "nobody", "USER:PASS"),
                ("--auth", ":x"), ("--auth", "a:", "empty"), ("--auth", "a:b@/file.txt", "directories"),
                ("--allow", "10.0.0.1/8", "10.0.0.0/8"), ("--deny", "localhost"),
                ("--log-format", "xml", "combined"), ("--log-color", "blue", "auto"),
                ("--rate", "10", "600/m"), ("--rate", "0/s"), ("--rate", "10/s,burst=0"),
                ("--shutdown-delay", "soon"), ("--ready", "up", "/healthz")):
            code, out, err = self.tool("http", "-p", "0", f"{option}={value}")
            with self.subTest(option, value=value):
                self.assertEqual((code, out), (2, ""), err)
                self.assertRegex(err, r"\Asocketserver: [^\n]+\n\Z")
                for fragment in (option, *fragments):
                    self.assertIn(fragment, err)
        self.check_refused("http --engine thread --workers 2", 2, "--workers", "thread")
        self.check_refused("http -v -q", 2, "--quiet", "--verbose")

    def test_options_that_mean_nothing_alone(self):
        for option in ("--upload-max 0", "--on-duplicate error", "--chmod 640"):
            for others in ("", "--mkdir --delete"):
                self.check_refused(f"http -p 0 {option} {others}", 2,
                                   f"{option.split()[0]}: needs --upload (")
        self.check_refused("http -p 0 --allow-host a.example", 2, "--allow-host: needs ",
                           "--upload", "--mkdir", "--delete")
        self.check_refused("http -p 0 --auth-realm socketserver", 2, "--auth-realm: needs ",
                           "--auth-file")
        for option in ("--sort name", "--listing auto", "--title x"):
            self.check_refused(f"http -p 0 --no-listing {option}", 2, option.split()[0] + ": ",
                               "--no-listing")
        for arguments in ("--delete --allow-host a.example", "--no-listing=false --sort size",
                          "--auth a:b --auth-realm x", "-u --chmod 640 --upload-max 1K",
                          "--shutdown-delay 1s"):
            with self.subTest(arguments):
                code, _, err = self.tool("http", "--check-config", *arguments.split())
                self.assertEqual((code, err), (0, ""))

    def test_options_of_nothing_in_files_and_the_environment(self):
        Path(self.directory, "web.toml").write_text("on-duplicate = 'rename'\n")
        self.check_refused("http --config web.toml", 2, "--on-duplicate: needs --upload")
        with mock.patch.dict(os.environ, {"SOCKETSERVER_SORT": "name"}):
            self.check_refused("http --no-listing", 2, "--sort: ")

    def test_files_that_cannot_be_had(self):
        for option in ("--auth-file", "--mime-file", "--log-file"):
            self.check_refused(f"http -p 0 {option} missing/file", 1, "missing/file: No such file")
        self.check_refused("http --config missing", 1, "open missing: No such file")
        self.check_refused("http --config below", 1, "read below: Is a directory")
        for option in ("--spa=missing", "--error-page=404=missing", "--upload=missing",
                       "--cgi=missing", "--chroot=missing"):
            for more in ("", "--check-config"):
                name = option[:option.index("=")]
                self.check_refused(f"http -p 0 {option} {more}", 1,
                                   f'{name}: "missing": No such file or directory')

    def test_auth_files_that_make_no_sense(self):
        for text, *fragments in (("anna", "USER:HASH"), ("anna:clear", "hashed"),
                                 ("anna:$apr1$abcdefgh$xxxxxxxxxxxxxxxxxxxxxx", "apr1"),
                                 ("anna:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "SHA-1"),
                                 ("anna:$2y$05$short", "not a hash"),
                                 ("# comment\n\nanna:x", "line 3")):
            Path(self.directory, "users").write_text(text + "\n")
            self.check_refused("http -p 0 --auth-file users", 2, "--auth-file", *fragments)

    def test_HT_198_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as holder:
            port = holder.getsockname()[1]
            in_use = f"bind 127.0.0.1:{port}: Address already in use"
            self.check_refused(f"http -b 127.0.0.1 -p {port}", 1, in_use)
            self.check_refused(f"http -b 127.0.0.1 --port={port} {port}", 1, in_use)
            # All digits: a port, also behind the options and where a directory has that name.
            Path(self.directory, str(port)).mkdir()
            self.check_refused(f"http {port} -b 127.0.0.1", 1, in_use)
            self.check_refused(f"http -b 127.0.0.1 {port}", 1, in_use)

    def test_addresses_that_make_no_sense(self):
        for command in ("http -p 0", "echo", "xmlrpc serve -p 0"):
            for text, hint in (("127.0.0.1:8000", "-b 127.0.0.1 -p 8000"), (":8000", "-p 8000"),
                               ("localhost:8000", "-b localhost -p 8000"),
                               ("[::1]:8000", "-b [::1] -p 8000")):
                self.check_refused(f"{command} -b {text}", 2,
                                   f'--bind: "{text}" has a port, which is said by -p: {hint} (')
            for one, other in (("127.0.0.1", "127.0.0.1"), ("::1", "[::1]"),
                               ("127.0.0.1", "::ffff:127.0.0.1")):
                self.check_refused(f"{command} -b {one} -b 127.0.0.2 -b {other}", 2,
                                   f"--bind: {one} is given twice (")
        self.check_refused("http -p 0 -b unix:web -b unix:web,mode=0600", 2,
                           "--bind: unix:web is given twice (")

    def test_address_that_is_not_ours(self):
        # Kept for documentation: no machine has it (RFC 5737 §3).
        self.check_refused("http -p 0 -b 192.0.2.1", 1, "bind 192.0.2.1:0: ")
        # Reserved never to exist (RFC 6761 §6.4).
        self.check_refused("http -p 0 -b nowhere.invalid", 1, "resolve nowhere.invalid: ")

    def test_port_that_is_not_ours(self):
        if may_bind_any_port():
            self.skipTest("every port is ours")
        self.check_refused("http -b 127.0.0.1 -p 1", 1, "bind 127.0.0.1:1: Permission denied")


if __name__ == "__main__":
    unittest.main()
