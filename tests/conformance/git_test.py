"""git clones from and pushes to our server, by its own CGI program `git http-backend`."""

import os
import shutil
import subprocess
import tempfile
import unittest
from unittest import mock

import servers

FILES = 8

# Nothing of the machine's own settings, and no questions.
ENVIRONMENT = {
    "PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C",
    "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org",
}


def git(*arguments, **options):
    return subprocess.run(["git", *arguments], env=ENVIRONMENT, check=True, text=True,
                          stdout=subprocess.PIPE, timeout=3 * servers.PATIENCE, **options).stdout


@unittest.skipUnless(shutil.which("git"), "git is not installed")
class Git(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.work = self.path("work")
        self.trace = self.path("trace")
        self.enterContext(mock.patch.dict(ENVIRONMENT, GIT_TRACE_CURL=self.trace))
        git("init", "--quiet", "--initial-branch=main", self.work)
        self.commit("first")
        os.mkdir(self.path("repositories"))
        self.bare = self.path("repositories", "project.git")
        git("clone", "--quiet", "--bare", self.work, self.bare)
        git("-C", self.bare, "config", "http.receivepack", "true")
        os.makedirs(self.path("site", "cgi-bin"))
        script = self.path("site", "cgi-bin", "git")
        with open(script, "w") as file:
            file.write("#!/bin/sh\nexec git http-backend\n")
        os.chmod(script, 0o755)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def commit(self, name):
        """A commit of files that do not compress."""
        for number in range(FILES):
            with open(os.path.join(self.work, f"{name}{number}"), "wb") as file:
                file.write(os.urandom(20_000))
        git("-C", self.work, "add", ".")
        git("-C", self.work, "commit", "--quiet", "-m", name)

    def exchange(self, engine):
        """Everything that git does with a server, under one engine."""
        settings = [f"GIT_PROJECT_ROOT={self.path('repositories')}", "GIT_HTTP_EXPORT_ALL=1"]
        with servers.running("cgi", self.path("site"), engine, *settings) as port:
            url = f"http://127.0.0.1:{port}/cgi-bin/git/project.git"
            copy = self.path("copy")
            git("clone", "--quiet", url, copy)
            self.assertEqual(git("-C", copy, "rev-parse", "HEAD"),
                             git("-C", self.work, "rev-parse", "HEAD"))

            # More than fits a buffer is sent in chunks.
            self.commit("second")
            git("-C", self.work, "-c", "http.postBuffer=65536", "push", "--quiet", url, "main")
            self.assertEqual(git("-C", self.bare, "rev-parse", "main"),
                             git("-C", self.work, "rev-parse", "HEAD"))

            # Many names, which git compresses when it asks for them.
            git("-C", self.work, "fast-import", "--quiet", input="".join(
                f"commit refs/tags/t{n}\ncommitter A <a@example.org> {1_700_000_000 + n} +0000\n"
                "data 1\nx\nfrom refs/heads/main^0\n\n" for n in range(60)))
            git("-C", self.work, "push", "--quiet", "--tags", url, "main")
            git("-C", copy, "pull", "--quiet", "--tags")
            for name in ("HEAD", "t0", "t59"):
                self.assertEqual(git("-C", copy, "rev-parse", name),
                                 git("-C", self.work, "rev-parse", name))
            git("-C", copy, "fsck", "--strict")

            # The old protocol, which a program asks for that finds no version field.
            git("-c", "protocol.version=0", "clone", "--quiet", url, self.path("old"))

        with open(self.trace) as file:
            trace = file.read().lower()
        self.assertIn("transfer-encoding: chunked", trace)
        self.assertIn("content-encoding: gzip", trace)

    def test_threads(self):
        self.exchange("threads")

    def test_processes(self):
        self.exchange("processes")

    def test_fibers(self):
        self.exchange("fibers")


if __name__ == "__main__":
    unittest.main()
