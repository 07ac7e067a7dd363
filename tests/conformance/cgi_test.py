"""Scripts of all languages, run by our server under every engine."""

import contextlib
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import textwrap
import unittest

import servers
from servers import ask

ENGINES = ("threads", "processes", "fibers")
LARGE = 3_000_000


class Site:
    """A directory with a cgi-bin."""

    def __init__(self, root):
        self.root = root
        os.mkdir(os.path.join(root, "cgi-bin"))

    def put(self, name, text, mode=0o755):
        path = os.path.join(self.root, name)
        with open(path, "w") as file:
            file.write(textwrap.dedent(text).lstrip())
        os.chmod(path, mode)


class Scripts(unittest.TestCase):
    def setUp(self):
        self.site = Site(self.enterContext(tempfile.TemporaryDirectory()))

    @contextlib.contextmanager
    def serving(self, engine, *settings):
        """Serves the site for a scope, and yields the port."""
        with self.subTest(engine=engine):
            with servers.running("cgi", self.site.root, engine, *settings) as port:
                yield port

    def test_sh(self):
        self.site.put("cgi-bin/sum.sh", """
            #!/bin/sh
            echo "Content-Type: text/plain"
            echo
            echo "$REQUEST_METHOD $CONTENT_LENGTH $(sha256sum)"
            """)
        body = os.urandom(LARGE)
        for engine in ENGINES:
            with self.serving(engine) as port:
                status, _, answer = ask(port, "POST", "/cgi-bin/sum.sh", body)
                self.assertEqual(status, 200)
                self.assertEqual(answer.decode().split()[:3],
                                 ["POST", str(LARGE), hashlib.sha256(body).hexdigest()])

    def test_perl(self):
        if not shutil.which("perl"):
            self.skipTest("perl is not installed")
        self.site.put("cgi-bin/form.pl", """
            #!/usr/bin/perl
            use strict; use warnings;
            read(STDIN, my $body, $ENV{CONTENT_LENGTH} || 0);
            my %field = map { split /=/, $_, 2 } split /&/, $ENV{QUERY_STRING} . '&' . $body;
            print "Status: 201 Made\\r\\nContent-Type: text/plain\\r\\nX-Path: $ENV{PATH_INFO}\\r\\n\\r\\n";
            print map { "$_=$field{$_}\\n" } sort keys %field;
            """)
        for engine in ENGINES:
            with self.serving(engine) as port:
                status, headers, answer = ask(port, "POST", "/cgi-bin/form.pl/a/b?x=1", b"y=2")
                self.assertEqual((status, headers["X-Path"]), (201, "/a/b"))
                self.assertEqual(answer, b"x=1\ny=2\n")

    def test_python(self):
        self.site.put("app.py", """
            import json, os, sys
            body = sys.stdin.buffer.read()
            print("Content-Type: application/json\\n")
            json.dump({"name": os.environ["SCRIPT_NAME"], "size": len(body),
                       "length": os.environ["CONTENT_LENGTH"], "argv": sys.argv[1:]}, sys.stdout)
            """, mode=0o644)
        python = shutil.which("python3", path="/usr/bin:/bin:/usr/local/bin")
        if not python:
            self.skipTest("no python3 of the system")
        for engine in ENGINES:
            with self.serving(engine, f".py={python}") as port:
                status, _, answer = ask(port, "GET", "/app.py?hello")
                self.assertEqual(status, 200)
                self.assertEqual(json.loads(answer),
                                 {"name": "/app.py", "size": 0, "length": "", "argv": ["hello"]})
                # In chunks: the length is known all the same.
                pieces = iter([b"x" * 1000] * 1000)
                answer = ask(port, "POST", "/app.py?a=b", pieces, {"Transfer-Encoding": "chunked"},
                             encode_chunked=True)[2]
                self.assertEqual(json.loads(answer), {"name": "/app.py", "size": 1_000_000,
                                                      "length": "1000000", "argv": []})

    def test_php(self):
        if not shutil.which("php-cgi"):
            self.skipTest("php-cgi is not installed")
        self.site.put("index.php", """
            <?php
            header('X-Made-By: php');
            if (isset($_GET['away'])) { header('Location: http://away.example/', true, 303); exit; }
            if (isset($_GET['missing'])) { http_response_code(404); }
            setcookie('seen', 'yes');
            echo json_encode([$_SERVER['REQUEST_METHOD'], $_SERVER['PATH_INFO'] ?? '', $_GET, $_POST,
                              $_SERVER['PHP_AUTH_USER'] ?? '', realpath($_SERVER['SCRIPT_FILENAME'])]);
            """, mode=0o644)
        script = os.path.realpath(os.path.join(self.site.root, "index.php"))
        for engine in ENGINES:
            with self.serving(engine, f".php={shutil.which('php-cgi')}") as port:
                status, headers, answer = ask(port, "GET", "/index.php/info?a=b")
                self.assertEqual((status, headers["X-Made-By"], headers["Set-Cookie"]),
                                 (200, "php", "seen=yes"))
                self.assertEqual(json.loads(answer), ["GET", "/info", {"a": "b"}, [], "", script])
                answer = ask(port, "POST", "/index.php", "x=y",
                             {"Content-Type": "application/x-www-form-urlencoded"})[2]
                self.assertEqual(json.loads(answer)[3], {"x": "y"})
                status, headers, _ = ask(port, "GET", "/index.php?away=1")
                self.assertEqual((status, headers["Location"]), (303, "http://away.example/"))
                self.assertEqual(ask(port, "GET", "/index.php?missing=1")[0], 404)
                # CVE-2012-1823: shows the source when the query reaches the command line.
                for attack in ("-s", "-n+-s", "+-s", "%2ds", "%AD+s"):
                    self.assertNotIn(b"setcookie", ask(port, "GET", f"/index.php?{attack}")[2])
                # As the index page of its directory, which is the root.
                self.assertEqual(json.loads(ask(port, "GET", "/")[2])[5], script)

    def test_who_speaks_first_and_listens_later(self):
        self.site.put("cgi-bin/cat.sh", "#!/bin/sh\necho 'Status: 200'\necho\nexec cat\n")
        body = os.urandom(1_000_000) * 16
        for engine in ENGINES:
            with self.serving(engine) as port:
                # http.client sends the whole body before it reads a byte.
                answer = ask(port, "POST", "/cgi-bin/cat.sh", body)[2]
                self.assertTrue(answer == body)

    def test_large_output_to_curl(self):
        if not shutil.which("curl"):
            self.skipTest("curl is not installed")
        self.site.put("cgi-bin/large.sh", """
            #!/bin/sh
            echo "Content-Type: application/octet-stream"
            echo
            head -c 20000000 /dev/zero
            """)
        for engine in ENGINES:
            with self.serving(engine) as port:
                for protocol in ("--http1.1", "--http1.0"):
                    answer = subprocess.run(
                        ["curl", "--silent", "--fail", protocol, "--max-time", str(servers.PATIENCE),
                         f"http://127.0.0.1:{port}/cgi-bin/large.sh"], stdout=subprocess.PIPE, check=True)
                    self.assertEqual(len(answer.stdout), 20_000_000)

    def test_compressed_body_stays_compressed(self):
        self.site.put("cgi-bin/unzip.sh", """
            #!/bin/sh
            echo "Content-Type: text/plain"
            echo
            echo "$HTTP_CONTENT_ENCODING"
            gzip -dc
            """)
        for engine in ENGINES:
            with self.serving(engine) as port:
                answer = ask(port, "POST", "/cgi-bin/unzip.sh", gzip.compress(b"hello"),
                             {"Content-Encoding": "gzip"})[2]
                self.assertEqual(answer, b"gzip\nhello")


if __name__ == "__main__":
    unittest.main()
