"""The help of `socketserver http`: files of options, the environment, what is made of the options."""

import os
import re
import select
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from http_support import BANNER, HTTPTest, has_ipv6  # noqa: E402
from program import BIN_DIR, PATIENCE, Program, run, wait_until  # noqa: E402


class Help(HTTPTest):
    def test_is_grouped_and_no_wider_than_a_terminal(self):
        _, text, _ = run("socketserver", "http", "-h")
        for group in ("What", "Where", "Who", "What is shown", "What is sent", "Receiving files",
                      "Running scripts", "Engine and limits", "Log", "Service", "Help"):
            self.assertIn(f"\n{group}:\n", text)
        self.assertLessEqual(max(map(len, text.splitlines())), 100)


class Config(HTTPTest):
    def test_file(self):
        for text in ('port = 0\ntitle = "From a file"\n',
                     '[http]\nport = "0"\ntitle = \'From a file\'\nhide = ["*.bin", "below"]\n'):
            self.make("web.toml", text)
            with self.tool("--config", "web.toml") as tool:
                page = self.get(tool, "/")[1]
                self.assertIn(b"From a file", page)
                self.assertEqual(b"data.bin" in page, "hide" not in text)

    def test_the_command_line_goes_before_the_environment_and_that_before_the_file(self):
        self.make("web.toml", "title = 'file'\nno-listing = false\nport = 0\n")
        os.environ["SOCKETSERVER_TITLE"] = "environment"
        self.addCleanup(os.environ.pop, "SOCKETSERVER_TITLE")
        with self.tool("--config", "web.toml") as tool:
            self.assertIn(b"environment", self.get(tool, "/")[1])
        with self.tool("--title", "line", "--config", "web.toml") as tool:
            self.assertIn(b"line", self.get(tool, "/")[1])
        os.environ["SOCKETSERVER_PORT"] = "x"
        self.addCleanup(os.environ.pop, "SOCKETSERVER_PORT")
        code, out, err = run("socketserver", "http", cwd=self.root)
        self.assertEqual((code, out), (2, ""))
        self.assertIn('"x"', err)

    def set(self, variable: str, value: str):
        os.environ[variable] = value
        self.addCleanup(os.environ.pop, variable, None)

    def test_a_variable_names_the_file(self):
        self.make("web.toml", "title = 'From a file'\nport = 0\n")
        self.make("other.toml", "title = 'From another'\nport = 0\n")
        self.set("SOCKETSERVER_CONFIG", "web.toml")
        with self.tool() as tool:
            self.assertIn(b"From a file", self.get(tool, "/")[1])
        with self.tool("--config", "other.toml") as tool:
            self.assertIn(b"From another", self.get(tool, "/")[1])
        self.set("SOCKETSERVER_CONFIG", "missing.toml")
        code, out, err = run("socketserver", "http", cwd=self.root)
        self.assertEqual((code, out), (1, ""))
        self.assertIn("missing.toml", err)

    def test_lists_in_the_environment_have_a_value_in_each_line(self):
        self.set("SOCKETSERVER_HIDE", "*.bin\n\nbe, low\n")
        self.set("SOCKETSERVER_HEADER", "X-One: 1, 2; 3\nX-Two: 4")
        ask = ("socketserver", "http", "--print-config")
        text = run(*ask, cwd=self.root)[1]
        self.assertIn('\nhide = ["*.bin", "be, low"]\n', text)
        self.assertIn('\nheader = ["X-One: 1, 2; 3", "X-Two: 4"]\n', text)
        # The command line goes before it, and it goes before the file.
        self.assertIn('\nhide = "x"\n', run(*ask, "--hide", "x", cwd=self.root)[1])
        self.make("web.toml", "hide = ['y']\nport = 0\n")
        text = run(*ask, "--config", "web.toml", cwd=self.root)[1]
        self.assertIn('\nhide = ["*.bin", "be, low"]\n', text)
        self.assertIn('\nport = "0"\n', text)
        self.set("SOCKETSERVER_BIND", "127.0.0.1\n127.0.0.2\n")
        self.set("SOCKETSERVER_PORT", "0")
        with Program("socketserver", "http", cwd=self.root) as tool:
            hosts = [BANNER.fullmatch(tool.stdout.readline())[1] for _ in range(2)]
            self.assertEqual(hosts, ["127.0.0.1", "127.0.0.2"])

    def test_an_option_without_a_value(self):
        for text in ("port =", "title = 'x'\n  port =  # none", "[http]\nport=\ntitle='x'",
                     "no-listing = ''", "no-listing ="):
            self.make("web.toml", text + "\n")
            code, out, err = run("socketserver", "http", "--config", "web.toml", cwd=self.root)
            self.assertEqual((code, out), (2, ""), err)
            self.assertRegex(err, r'web\.toml: "(port|no-listing)" has no value')
        # An empty text is a value, and an empty list is none at all.
        self.make("web.toml", 'title = ""\nhide = []\nport = 0\n')
        _, text, err = run("socketserver", "http", "--config", "web.toml", "--print-config",
                           cwd=self.root)
        self.assertIn('\ntitle = ""\n', text, err)
        self.assertIn('\n# hide = ""\n', text)

    def test_what_makes_no_sense(self):
        for text, fragment in (("prot = 1", '"prot"'), ("[ftp]\nport = 1", '"ftp"'),
                               ("port = 99999", '"99999"'), ("config = 'x'", '"config"')):
            self.make("web.toml", text + "\n")
            code, out, err = run("socketserver", "http", "--config", "web.toml", cwd=self.root)
            self.assertEqual((code, out), (2, ""), err)
            self.assertIn(fragment, err)

    def test_check(self):
        self.make("web.toml", "max-body = '1M'\n")
        ask = ("socketserver", "http", "--config", "web.toml", "--check-config")
        self.assertEqual(run(*ask, cwd=self.root), (0, "The options make sense.\n", ""))
        self.make("web.toml", "max-body = '1X'\n")
        self.assertEqual(run(*ask, cwd=self.root)[0], 2)

    def test_values_that_are_only_printed_make_sense(self):
        for option, value in (("--max-body", "10kb"), ("--upload-max", "-5"), ("--grace", "soon"),
                              ("--shutdown-delay", "1d"), ("--workers", "0"), ("--rate", "10"),
                              ("--cgi-processes", "x")):
            code, out, err = run("socketserver", "http", f"{option}={value}", "--print-config")
            self.assertEqual((code, out), (2, ""))
            self.assertRegex(err, rf'\Asocketserver: {option}: [^\n]*"{value}"')

    def test_printed_options_are_read_as_the_same(self):
        arguments = ("-H", "A: b", "-H", 'C: "d"', "--spa=hello.txt", "--no-listing", "-p", "0",
                     "--grace", "3s", "--rate", "10/s,burst=50", "--ready", "--shutdown-delay", "5s",
                     "--daemon", "--chroot", "below")
        _, text, _ = run("socketserver", "http", *arguments, "--print-config", cwd=self.root)
        self.assertIn('\nport = "0"\n', text)
        self.assertIn("\n# engine = \"fiber\"\n", text)
        self.make("printed.toml", text)
        _, again, err = run("socketserver", "http", "--config", "printed.toml", "--print-config",
                            cwd=self.root)
        self.assertEqual(again, text, err)


    def print_config(self, *arguments: object) -> str:
        code, text, err = run("socketserver", "http", *arguments, "--print-config", cwd=self.root)
        self.assertEqual((code, err), (0, ""))
        return text

    def test_what_is_served_is_printed_however_it_was_given(self):
        for arguments in (("below", "9000"), ("9000", "-d", "below"), ("below", "--port", "9000"),
                          ("below", "9000", "-d", "below", "-p", "9000")):
            text = self.print_config(*arguments)
            self.assertIn('\ndirectory = "below"\n', text)
            self.assertIn('\nport = "9000"\n', text)
            self.make("printed.toml", text)
            self.assertEqual(self.print_config("--config", "printed.toml"), text)
        self.make("printed.toml", self.print_config(self.root / "below", "0"))
        with self.tool("--config", "printed.toml") as tool:
            self.assertEqual(tool.directory, str(self.root / "below"))
        self.assertIn('\n# directory = "."\n', self.print_config())
        for arguments, fragment in ((["hello.txt"], '"hello.txt"'), (["below", "-d", "."], '"."'),
                                    (["99999"], '"99999"'), (["8000", "-p", "8001"], '"8001"')):
            code, out, err = run("socketserver", "http", *arguments, "--print-config",
                                 cwd=self.root)
            self.assertEqual((code, out), (2, ""))
            self.assertIn(fragment, err)

    def test_printed_switches(self):
        text = self.print_config()
        for name in ("no-listing", "spa", "upload", "cgi", "syslog", "verbose", "health"):
            self.assertIn(f"\n# {name} = false\n", text)
        self.assertIn("\n# precompressed = true\n", text)
        text = self.print_config("--precompressed", "--no-precompressed", "--spa=a.html", "-u",
                                 "--syslog", "--mkdir", "--mkdir", "--cgi", "--cgi=below")
        for line in ("precompressed = false", 'spa = "a.html"', "upload = true", "mkdir = true",
                     'syslog = "daemon"', 'cgi = ["true", "below"]'):
            self.assertIn(f"\n{line}\n", text)
        self.make("printed.toml", text)
        self.assertEqual(self.print_config("--config", "printed.toml"), text)

    def test_a_printed_comment_is_the_default(self):
        lines = re.findall(r"^# (\S+ = .*)$", self.print_config(), re.MULTILINE)
        self.assertGreater(len(lines), 50)
        for line in lines:
            if line.split()[0] in ("upload-max", "on-duplicate", "auth-realm"):
                continue  # They need another option.
            self.make("web.toml", line + "\n")
            with self.subTest(line):
                self.assertEqual(run("socketserver", "http", "--config", "web.toml",
                                     "--check-config", cwd=self.root)[0::2], (0, ""))
        # No switch that is off stands in the way of another.
        self.make("web.toml", "verbose = false\njournal = false\nsyslog = false\n")
        self.print_config("-q", "--log-file", "x", "--config", "web.toml")

    def test_switches_with_a_value_in_a_file(self):
        self.make("index.html", "index")
        self.make("web.toml", "spa = true\nupload = false\nport = 0\n")
        with self.tool("--config", "web.toml") as tool:
            self.assertEqual(self.get(tool, "/route")[1], b"index")
            self.assertEqual(self.status(tool, "/x", method="PUT", body=b"x"), 405)


class Generated(HTTPTest):
    def completion(self, shell: str) -> str:
        code, text, err = run("socketserver", "--completions", shell)
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(run("socketserver", "http", "--completions", shell)[1], text)
        path = self.make(f"completion.{shell}", text)
        if shutil.which(shell):
            subprocess.run([shell, "-n", path], check=True, timeout=60)
        return text

    def test_completions(self):
        for shell in ("bash", "zsh", "fish"):
            text = self.completion(shell)
            for word in ("http", "log-format", "combined", "echo"):
                self.assertIn(word, text)
        self.assertEqual(run("socketserver", "--completions", "csh")[0], 2)

    def test_bash_completes(self):
        self.completion("bash")
        for line, words in (("socketserver ht", ["http"]),
                            ("socketserver http --log-f", ["--log-file", "--log-format"]),
                            ("socketserver http --engine pre", ["prefork"]),
                            ("socketserver http hel", ["hello.txt"])):
            script = ('source completion.bash; COMP_WORDS=($1); COMP_CWORD=$((${#COMP_WORDS[@]}-1));'
                      ' _socketserver; printf "%s\\n" "${COMPREPLY[@]}"')
            out = subprocess.run(["bash", "-c", script, "bash", line], cwd=self.root, check=True,
                                 capture_output=True, text=True, timeout=60).stdout
            self.assertEqual(sorted(out.split()), words)

    def test_manual_page(self):
        code, text, err = run("socketserver", "--print-manpage")
        self.assertEqual((code, err), (0, ""))
        self.assertTrue(text.startswith(".TH SOCKETSERVER 1 "))
        page = self.make("socketserver.1", text)
        if not shutil.which("man"):
            self.skipTest("there is no man")
        shown = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", page],
                               env=os.environ | {"MANPAGER": "cat", "MANWIDTH": "100"},
                               capture_output=True, text=True, timeout=60)
        self.assertEqual(shown.stderr, "")
        for words in ("--log-format FORMAT", "EXIT STATUS", "socketserver http ~/public 9000",
                      "\nPROGRESS\n", "  big.iso 43 %  "):
            self.assertIn(words, shown.stdout)


class Terminals(HTTPTest):
    def test_a_person_gets_a_list_of_addresses(self):
        terminal, end = os.openpty()
        with subprocess.Popen([BIN_DIR / "socketserver", "http", "0", "-b", "127.0.0.1"],
                              cwd=self.root, stdout=end, stderr=subprocess.DEVNULL) as tool:
            os.close(end)
            try:
                text = b""
                while b"Ctrl-C" not in text:
                    self.assertTrue(select.select([terminal], [], [], PATIENCE)[0], text)
                    text += os.read(terminal, 4096)
                self.assertRegex(text.decode(), rf"Serving {self.root}\r\n\r\n  "
                                                r"http://127\.0\.0\.1:\d+/\r\n")
            finally:
                tool.kill()
                os.close(terminal)

    @unittest.skipUnless(has_ipv6(), "this machine has no IPv6")
    def test_of_all_interfaces_those_are_named_that_can_be_opened(self):
        terminal, end = os.openpty()
        with subprocess.Popen([BIN_DIR / "socketserver", "http", "0"], cwd=self.root, stdout=end,
                              stderr=subprocess.DEVNULL) as tool:
            os.close(end)
            try:
                text = b""
                while b"Ctrl-C" not in text:
                    text += os.read(terminal, 4096)
                urls = re.findall(r"http://\S+", text.decode())
                self.assertTrue(urls)
                for url in urls:
                    self.assertNotRegex(url, r"//(0\.0\.0\.0|\[::\]|\[fe80)")
                    self.assertEqual(self.curl("-g", url + "hello.txt"), "hello\n")
            finally:
                tool.kill()
                os.close(terminal)


class Browsers(HTTPTest):
    def test_open(self):
        browser = self.make("browser", '#!/bin/sh\nprintf %s "$1" >"$(dirname "$0")/url.tmp"\n'
                                       'mv "$(dirname "$0")/url.tmp" "$(dirname "$0")/url"\n')
        browser.chmod(0o755)
        os.environ["BROWSER"] = str(browser)
        self.addCleanup(os.environ.pop, "BROWSER")
        with self.tool("0", "--open") as tool:
            wait_until((self.root / "url").exists, "the browser")
            self.assertEqual((self.root / "url").read_text(), tool.url)

    def test_without_an_address_for_browsers(self):
        for option in ("--open", "--qr"):
            if option not in run("socketserver", "http", "-h")[1]:
                continue
            code, out, err = run("socketserver", "http", option, "-b", "unix:web.sock",
                                 cwd=self.root)
            self.assertEqual((code, out), (2, ""))
            self.assertIn(option, err)
            self.assertIn("Unix sockets only", err)
            self.assertFalse((self.root / "web.sock").exists())

    def test_no_browser(self):
        os.environ["BROWSER"] = "/missing/browser"
        self.addCleanup(os.environ.pop, "BROWSER")
        with self.tool("0", "--open") as tool:
            self.assertIn("no browser", tool.stderr.readline())
            self.assertEqual(self.status(tool, "/hello.txt"), 200)

    def test_qr(self):
        if "--qr" not in run("socketserver", "http", "-h")[1]:
            self.skipTest("built without libqrencode")
        with Program("socketserver", "http", "0", "--qr", "-b", "127.0.0.1", cwd=self.root) as tool:
            lines = []
            while not lines or not lines[-1].startswith("Serving"):
                lines.append(tool.stdout.readline())
            self.assertGreater(len(lines), 12)
            self.assertTrue(all("\x1b[30;107m" in line for line in lines[:-1]))
            self.assertEqual(len({len(line) for line in lines[:-1]}), 1)


if __name__ == "__main__":
    unittest.main()
