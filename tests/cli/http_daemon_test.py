"""`socketserver http` in the background, and in a root directory of its own."""

import contextlib
import os
import pwd
import signal
import socket
import sys
import unittest
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))
import fastcgi_application as fastcgi  # noqa: E402
from http_support import BANNER, HTTPTest  # noqa: E402
from program import BIN_DIR, Program, run, wait_until  # noqa: E402

ENGINES = ("sync", "thread", "pool", "fork", "prefork", "fiber")
IS_ROOT = os.getuid() == 0
# It has a thread of its own in a process that was forked, which a server that forks refuses.
THREAD_SANITIZER = BIN_DIR.parent.name == "tsan"


def status_of(pid: int) -> dict[str, list[str]]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {words[0]: words[1:] for words in map(str.split, lines) if words}


class Daemon(HTTPTest):
    def setUp(self):
        super().setUp()
        self.pid_file = self.root / "pid"
        self.addCleanup(self.end)

    def end(self):
        """Ends whatever runs in the background."""
        with contextlib.suppress(FileNotFoundError, ValueError, ProcessLookupError):
            os.kill(int(self.pid_file.read_text()), signal.SIGTERM)
        wait_until(lambda: not self.pid_file.exists(), "the end of the daemon")

    def start(self, *arguments: object) -> SimpleNamespace:
        code, out, err = run("socketserver", "http", "-p", 0, "-b", "127.0.0.1", "--daemon",
                             "--log-file", "log", "--pidfile", "pid", *arguments, cwd=self.root)
        self.assertEqual((code, err), (0, ""))
        port = BANNER.fullmatch(out.splitlines()[0])[2]
        return SimpleNamespace(port=int(port), pid=int(self.pid_file.read_text()))

    def test_under_every_engine(self):
        for engine in ENGINES:
            if engine.endswith("fork") and THREAD_SANITIZER:
                continue
            with self.subTest(engine):
                daemon = self.start("--engine", engine)
                # No wait: it serves by the time that the command has ended.
                self.assertEqual(self.status(daemon, "/hello.txt"), 200)
                process = Path("/proc", str(daemon.pid))
                self.assertEqual(os.readlink(process / "cwd"), "/")
                for fd in ("0", "1", "2"):
                    self.assertEqual(os.readlink(process / "fd" / fd), "/dev/null")
                self.assertNotIn(os.getsid(daemon.pid), (os.getsid(0), daemon.pid),
                                 "a session of its own, which another one leads")
                terminal = (process / "stat").read_text().rpartition(")")[2].split()[4]
                self.assertEqual(terminal, "0")
                self.end()
                self.assertIn("GET /hello.txt", (self.root / "log").read_text())
                (self.root / "log").unlink()

    def test_what_goes_wrong_is_told_in_the_foreground(self):
        with socket.create_server(("127.0.0.1", 0)) as holder:
            port = holder.getsockname()[1]
            code, out, err = run("socketserver", "http", "-p", port, "-b", "127.0.0.1", "--daemon",
                                 "--log-file", "log", cwd=self.root)
            self.assertEqual((code, out), (1, ""))
            self.assertEqual(err, f"socketserver: bind 127.0.0.1:{port}: Address already in use\n")
        for arguments, fragment in ((["--log-file", "missing/log"], "open"),
                                    (["--log-file", "log", "--pidfile", "missing/pid"], "open")):
            code, out, err = run("socketserver", "http", "-p", 0, "--daemon", *arguments,
                                 cwd=self.root)
            self.assertEqual((code, out), (1, ""))
            self.assertIn(f"{fragment} {self.root}/missing/", err)
        self.start()
        code, out, err = run("socketserver", "http", "-p", 0, "--daemon", "--log-file", "log",
                             "--pidfile", "pid", cwd=self.root)
        self.assertEqual((code, out), (1, ""))
        self.assertIn(f"lock {self.pid_file}", err)

    def test_it_needs_a_log_file(self):
        for more in ([], ["--check-config"]):
            code, out, err = run("socketserver", "http", "-p", 0, "--daemon", *more, cwd=self.root)
            self.assertEqual((code, out), (2, ""))
            self.assertIn("--daemon", err)
            self.assertIn("--log-file", err)
        # What makes no sense is told before anything is done.
        code, out, err = run("socketserver", "http", "-b", "fd:99", "--daemon", "--log-file", "log",
                             cwd=self.root)
        self.assertEqual((code, out), (2, ""))
        self.assertFalse((self.root / "log").exists())

    def test_relative_paths_mean_what_they_meant(self):
        self.make("users", "")
        self.make("below/index.html", "page\n")
        self.make("types", "text/x-odd odd\n")
        self.make("below/a.odd", "x")
        self.enterContext(fastcgi.running(str(self.root / "app.sock"), fastcgi.answering(
            lambda variables, body: fastcgi.text(b"an application\n"))))
        daemon = self.start("below", "--mime-file", "types", "-b", "unix:web.sock",
                            "--fastcgi", "/app=unix:app.sock")
        response, body = self.get(daemon, "/")
        self.assertEqual((response.status, body), (200, b"page\n"))
        self.assertIn("text/x-odd", self.get(daemon, "/a.odd")[0].getheader("Content-Type"))
        self.assertEqual(self.curl("--unix-socket", self.root / "web.sock", "http://x/deep.txt"),
                         "deep\n")
        self.assertEqual(self.get(daemon, "/app")[1], b"an application\n")
        log = self.root / "log"
        log.rename(self.root / "log.1")
        os.kill(daemon.pid, signal.SIGUSR1)
        wait_until(lambda: self.status(daemon, "/deep.txt") == 200 and log.exists(), "the new log")
        self.end()
        self.assertFalse((self.root / "web.sock").exists())

    def test_together_with_a_delay_and_another_user(self):
        if not IS_ROOT:
            self.skipTest("only root can become another")
        self.root.chmod(0o755)
        daemon = self.start("--user", "nobody", "--ready", "--shutdown-delay", "1h")
        self.assertEqual(status_of(daemon.pid)["Uid:"][0], str(pwd.getpwnam("nobody").pw_uid))
        os.kill(daemon.pid, signal.SIGTERM)
        wait_until(lambda: self.status(daemon, "/readyz") == 503, "the announcement")
        os.kill(daemon.pid, signal.SIGTERM)
        # It may not remove the file any more, and leaves no number that others may have.
        wait_until(lambda: self.pid_file.read_text() == "", "the end of the daemon")
        self.pid_file.unlink()


@unittest.skipUnless(IS_ROOT, "only root can change the root")
class Chroot(HTTPTest):
    def setUp(self):
        super().setUp()
        # LeakSanitizer needs a /proc at the end, where there is none.
        before = os.environ.get("ASAN_OPTIONS", "")
        os.environ["ASAN_OPTIONS"] = f"{before}:detect_leaks=0"
        self.addCleanup(os.environ.__setitem__, "ASAN_OPTIONS", before)
        self.root.chmod(0o777)
        self.make("jail/web/page.txt", "page\n")
        self.make("jail/web/deeper/x.txt", "x\n")
        self.make("jail/log/old", "")
        for folder in ("jail", "jail/web", "jail/log"):
            (self.root / folder).chmod(0o777)

    def jailed(self, *arguments: object) -> Program:
        return self.tool("0", "-b", "127.0.0.1", "--chroot", "jail", "--user", "nobody", *arguments)

    def test_under_every_engine(self):
        for engine in ENGINES:
            with (self.subTest(engine),
                  self.jailed("-d", "jail/web", "--engine", engine, "--symlinks", "all") as tool):
                self.assertEqual(os.readlink(f"/proc/{tool.process.pid}/root"),
                                 str(self.root / "jail"))
                self.assertEqual(os.readlink(f"/proc/{tool.process.pid}/cwd"),
                                 str(self.root / "jail"))
                for _ in range(3):
                    self.assertEqual(self.get(tool, "/page.txt")[1], b"page\n")
                link = self.root / "jail/web/out"
                link.unlink(missing_ok=True)
                link.symlink_to("/etc/passwd")
                self.assertEqual(self.status(tool, "/out"), 404, "there is no such file in there")
                self.assertIn(b"deeper", self.get(tool, "/")[1])

    def test_who_it_runs_as(self):
        nobody = pwd.getpwnam("nobody")
        with self.jailed("-d", "jail/web") as tool:
            status = status_of(tool.process.pid)
            self.assertEqual(set(status["Uid:"]), {str(nobody.pw_uid)})
            self.assertEqual(set(status["Gid:"]), {str(nobody.pw_gid)})
            self.assertNotIn("0", status["Groups:"])

    def test_serves_the_directory_itself_unless_told_otherwise(self):
        with self.jailed() as tool:
            self.assertEqual(tool.directory, str(self.root / "jail"))
            self.assertEqual(self.get(tool, "/web/page.txt")[1], b"page\n")
        with self.jailed("jail/web/page.txt") as tool:
            self.assertEqual(self.get(tool, "/")[1], b"page\n")

    def test_a_log_in_there_is_opened_anew(self):
        for engine in ("thread", "prefork"):
            log = self.root / "jail/log/new"
            with self.subTest(engine), self.jailed("-d", "jail/web", "--engine", engine,
                                                   "--log-file", log) as tool:
                log.rename(self.root / "jail/log/moved")
                tool.process.send_signal(signal.SIGUSR1)
                wait_until(lambda: self.status(tool, "/page.txt") == 200 and log.exists(),
                           "the new log")
            log.unlink()

    def test_a_log_out_of_there_is_kept(self):
        log = self.root / "log"
        # A file of the same name in there must not be mistaken for it.
        mistaken = self.make(f"jail{log}", "")
        mistaken.chmod(0o666)
        with self.jailed("-d", "jail/web", "--log-file", "log") as tool:
            tool.process.send_signal(signal.SIGUSR1)
            wait_until(lambda: self.status(tool, "/page.txt") == 200 and
                       "kept" in log.read_text(), "the report")
            self.assertEqual(self.status(tool, "/deeper/x.txt"), 200)
            self.assertIn("/deeper/x.txt", log.read_text())
            self.assertEqual(mistaken.read_text(), "")

    def test_the_pid_file(self):
        inside = self.root / "jail/log/pid"
        with self.jailed("-d", "jail/web", "--pidfile", inside) as tool:
            self.assertEqual(inside.read_text(), f"{tool.process.pid}\n")
            tool.interrupt()
            self.assertEqual(tool.wait(), 0)
        self.assertFalse(inside.exists())
        outside = self.root / "pid"
        with self.jailed("-d", "jail/web", "--pidfile", outside) as tool:
            self.assertEqual(outside.read_text(), f"{tool.process.pid}\n")
            tool.interrupt()
            self.assertEqual(tool.wait(), 0)
        self.assertEqual(outside.read_text(), "")

    def test_files_are_received_in_there(self):
        with self.jailed("-d", "jail/web", "-u", "--mkdir", "--archive", "tar,zip") as tool:
            self.assertEqual(self.status(tool, "/new.bin", method="PUT", body=self.bytes), 201)
            self.assertEqual((self.root / "jail/web/new.bin").read_bytes(), self.bytes)
            form = self.curl("-F", f"file=@{self.root / 'data.bin'}", "-o", self.root / "answer",
                             "-w", "%{http_code}", f"http://127.0.0.1:{tool.port}/")
            self.assertIn(form, ("200", "201", "303"))
            self.assertEqual((self.root / "jail/web/data.bin").read_bytes(), self.bytes)
            self.assertEqual(self.status(tool, "/?archive=zip"), 200)

    def test_in_the_background(self):
        pid_file = self.root / "jail/log/pid"
        code, out, err = run("socketserver", "http", "0", "-b", "127.0.0.1", "--chroot", "jail",
                             "--user", "nobody", "--daemon", "--log-file", "jail/log/new",
                             "--pidfile", pid_file, cwd=self.root)
        self.assertEqual((code, err), (0, ""))
        daemon = SimpleNamespace(port=int(BANNER.fullmatch(out.rstrip("\n"))[2]))
        try:
            self.assertEqual(self.status(daemon, "/web/page.txt"), 200)
        finally:
            os.kill(int(pid_file.read_text()), signal.SIGTERM)
            wait_until(lambda: not pid_file.exists(), "the end of the daemon")


class ChrootMisuse(HTTPTest):
    def test_what_makes_no_sense(self):
        self.make("jail/x", "")
        me = pwd.getpwuid(os.getuid()).pw_name
        for arguments, *fragments in (
                (["--chroot", "hello.txt"], "Not a directory"),
                (["--chroot", "jail", "-d", "below"], '"below"', "not below"),
                (["--chroot", "jail", "--cgi"], "--cgi")):
            user = ["--user", "nobody"] if IS_ROOT else []
            code, out, err = run("socketserver", "http", "-p", 0, *arguments, *user, cwd=self.root)
            with self.subTest(arguments):
                self.assertEqual((code, out), (2, ""))
                for fragment in ("--chroot", *fragments):
                    self.assertIn(fragment, err)
        code, out, err = run("socketserver", "http", "-p", 0, "--chroot", "jail", "--user", me,
                             cwd=self.root)
        if IS_ROOT:
            self.assertEqual((code, out), (2, ""))
            self.assertIn("--user", err)
            self.assertEqual(run("socketserver", "http", "--chroot", "jail", cwd=self.root)[0], 2)
        else:
            self.assertEqual((code, out), (1, ""))
            self.assertRegex(err, r"\Asocketserver: chroot .*: Operation not permitted\n\Z")


if __name__ == "__main__":
    unittest.main()
