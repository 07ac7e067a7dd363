"""`socketserver http` as a service: health, pid file, another user."""

import os
import pwd
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from http_support import HTTPTest  # noqa: E402
from program import run  # noqa: E402


class Health(HTTPTest):
    def test_health(self):
        for argument, path in (("--health", "/healthz"), ("--health=/up", "/up")):
            with self.tool("0", argument, "-a", "a:b", "--random-route") as tool:
                self.assertEqual(self.curl(f"http://127.0.0.1:{tool.port}{path}"), "ok\n")
                response, body = self.get(tool, path, method="HEAD")
                self.assertEqual((response.status, body), (200, b""))
                tool.interrupt()
                self.assertEqual(tool.stderr.rest(), "", "nobody wants to read of it")
        with self.tool("0") as tool:
            self.assertEqual(self.status(tool, "/healthz"), 404)

    def test_bad_paths(self):
        for path in ("up", "/a?b"):
            code, _, err = run("socketserver", "http", f"--health={path}", cwd=self.root)
            self.assertEqual(code, 2)
            self.assertIn("--health", err)


class PidFile(HTTPTest):
    def test_pid_file(self):
        path = self.make("pid", "a longer text of a process that has crashed\n")
        with self.tool("0", "--pidfile", "pid") as tool:
            self.assertEqual(path.read_text(), f"{tool.process.pid}\n")
            code, out, err = run("socketserver", "http", "0", "--pidfile", "pid", cwd=self.root)
            self.assertEqual((code, out), (1, ""))
            self.assertIn(f"lock {path}", err)
            self.assertEqual(path.read_text(), f"{tool.process.pid}\n")
            tool.interrupt()
            self.assertEqual(tool.wait(), 0)
            self.assertFalse(path.exists())

    def test_children_leave_it(self):
        for engine in ("fork", "prefork"):
            with self.tool("0", "--engine", engine, "--pidfile", "pid") as tool:
                for _ in range(2):
                    self.assertEqual(self.status(tool, "/hello.txt"), 200)
                self.assertTrue((self.root / "pid").exists())


class OtherUser(HTTPTest):
    def test_unknown(self):
        for user in ("no-such-user", "root:no-such-group"):
            code, _, err = run("socketserver", "http", "--user", user, cwd=self.root)
            self.assertEqual(code, 2)
            self.assertIn(user.split(":")[-1], err)

    def test_oneself(self):
        with self.tool("0", "--user", pwd.getpwuid(os.getuid()).pw_name) as tool:
            self.assertEqual(self.status(tool, "/hello.txt"), 200)

    @unittest.skipUnless(os.getuid() == 0, "only root can become another")
    def test_another(self):
        nobody = pwd.getpwnam("nobody")
        self.root.chmod(0o755)
        self.make("private", "x").chmod(0o600)
        for user, group in (("nobody", nobody.pw_gid), ("nobody:games", 60),
                            (str(nobody.pw_uid), nobody.pw_gid)):
            with self.tool("0", "--user", user, "--log-file", "log") as tool:
                self.assertEqual(self.status(tool, "/hello.txt"), 200)
                self.assertEqual(self.status(tool, "/private"), 404)
                status = Path(f"/proc/{tool.process.pid}/status").read_text()
                ids = {line.split()[0]: line.split()[1:] for line in status.splitlines() if line}
                self.assertEqual(set(ids["Uid:"]), {str(nobody.pw_uid)})
                self.assertEqual(set(ids["Gid:"]), {str(group)})
                self.assertNotIn("0", ids["Groups:"])


if __name__ == "__main__":
    unittest.main()
