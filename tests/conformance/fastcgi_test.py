"""FastCGI applications behind our server under every engine: PHP's, fcgiwrap, and hostile ones."""

import contextlib
import hashlib
import http.client
import json
import os
import shutil
import sys
import tempfile
import textwrap
import unittest

import servers
from servers import ask

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import fastcgi_application as fastcgi  # noqa: E402

ENGINES = ("threads", "processes", "fibers")
LARGE = 3_000_000
HEAD = b"Content-Type: text/plain\r\n\r\n"


class FastCGI(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.root = os.path.join(self.folder, "root")
        os.mkdir(self.root)
        self.socket = os.path.join(self.folder, "app.sock")

    def put(self, name, text, mode=0o644):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(textwrap.dedent(text).lstrip())
        os.chmod(path, mode)

    @contextlib.contextmanager
    def serving(self, engine, *prefixes):
        """Serves for a scope, passes what is of these prefixes to the application, and yields the
        port."""
        settings = [f"{prefix}=unix:{self.socket}" for prefix in prefixes]
        with self.subTest(engine=engine):
            with servers.running("cgi", self.root, engine, *settings) as port:
                yield port


class PHP(FastCGI):
    def setUp(self):
        super().setUp()
        # Debian has it where only root looks.
        program = shutil.which("php-fpm8.2", path=os.environ["PATH"] + ":/usr/sbin")
        if not program:
            self.skipTest("php-fpm8.2 is not installed")
        configuration = os.path.join(self.folder, "fpm.conf")
        is_root = os.geteuid() == 0
        with open(configuration, "w") as file:
            file.write(textwrap.dedent(f"""
                [global]
                error_log = {self.folder}/fpm.log
                daemonize = no
                [www]
                {"user = root" if is_root else ""}
                {"group = root" if is_root else ""}
                listen = {self.socket}
                pm = static
                pm.max_children = 4
                """))
        command = [program, "-n", "-d", "display_errors=0", "-F", "-y", configuration]
        self.enterContext(fastcgi.listening(command + ["-R"] * is_root, self.socket))

    def test_pages(self):
        self.put("index.php", """
            <?php
            header('X-Made-By: php');
            if (isset($_GET['away'])) { header('Location: http://away.example/', true, 303); exit; }
            if (isset($_GET['missing'])) { http_response_code(404); }
            setcookie('seen', 'yes');
            echo json_encode([$_SERVER['REQUEST_METHOD'], $_SERVER['PATH_INFO'] ?? '', $_GET, $_POST,
                              getenv('HTTP_PROXY') . ($_SERVER['HTTP_PROXY'] ?? ''),
                              realpath($_SERVER['SCRIPT_FILENAME'])]);
            """)
        script = os.path.realpath(os.path.join(self.root, "index.php"))
        for engine in ENGINES:
            with self.serving(engine, ".php") as port:
                status, headers, answer = ask(port, "GET", "/index.php/info?a=b", None,
                                              {"Proxy": "http://evil.example/"})
                self.assertEqual((status, headers["X-Made-By"], headers["Set-Cookie"]),
                                 (200, "php", "seen=yes"))
                self.assertEqual(json.loads(answer), ["GET", "/info", {"a": "b"}, [], "", script])
                answer = ask(port, "POST", "/index.php", "x=y",
                             {"Content-Type": "application/x-www-form-urlencoded"})[2]
                self.assertEqual(json.loads(answer)[3], {"x": "y"})
                status, headers, _ = ask(port, "GET", "/index.php?away=1")
                self.assertEqual((status, headers["Location"]), (303, "http://away.example/"))
                self.assertEqual(ask(port, "GET", "/index.php?missing=1")[0], 404)
                self.assertEqual(json.loads(ask(port, "DELETE", "/index.php")[2])[0], "DELETE")
                self.assertEqual(ask(port, "HEAD", "/index.php")[2], b"")
                # As the index page of its directory, which is the root.
                self.assertEqual(json.loads(ask(port, "GET", "/")[2])[5], script)

    def test_bodies_and_answers_of_any_size(self):
        self.put("sum.php", """
            <?php
            $body = file_get_contents('php://input');
            header('X-Sum: ' . hash('sha256', $body));
            echo str_repeat($body, 4);
            """)
        body = os.urandom(LARGE)
        for engine in ENGINES:
            with self.serving(engine, ".php") as port:
                _, headers, answer = ask(port, "POST", "/sum.php", body)
                self.assertEqual(headers["X-Sum"], hashlib.sha256(body).hexdigest())
                self.assertTrue(answer == body * 4)
                pieces = iter([b"x" * 1000] * 1000)
                answer = ask(port, "PUT", "/sum.php", pieces, {"Transfer-Encoding": "chunked"},
                             encode_chunked=True)[2]
                self.assertEqual(len(answer), 4_000_000)

    def test_nothing_runs_that_is_no_script(self):
        self.put("picture.jpg", "<?php echo 'has ' . 'run';")
        self.put("app/picture.jpg", "<?php echo 'has ' . 'run';")
        self.put("app/page.php", "<?php echo 'has ' . 'run';")
        for engine in ENGINES:
            with self.serving(engine, ".php", "/app") as port:
                # What cgi.fix_pathinfo, which is on unless told otherwise, would make a script of.
                for target in ("/picture.jpg/x.php", "/picture.jpg%00.php", "/picture.jpg/.php",
                               "/app/picture.jpg", "/app/picture.jpg/x.php", "/app/x.php",
                               "/app/../picture.jpg/x.php", "/app/page.php"):
                    self.assertNotIn(b"has run", ask(port, "GET", target)[2], target)

    def test_a_page_that_fails(self):
        self.put("fatal.php", "<?php no_such_function();")
        self.put("slow.php", "<?php echo 'begun'; flush(); error_log('to the log'); exit(3);")
        for engine in ENGINES:
            with self.serving(engine, ".php") as port:
                self.assertEqual(ask(port, "GET", "/fatal.php")[0], 500)
                self.assertEqual(ask(port, "GET", "/slow.php")[2], b"begun")


class Scripts(FastCGI):
    def test_fcgiwrap(self):
        program = shutil.which("fcgiwrap", path=os.environ["PATH"] + ":/usr/sbin")
        if not program:
            self.skipTest("fcgiwrap is not installed")
        self.put("scripts/sum.sh", """
            #!/bin/sh
            echo to the error output >&2
            echo "Status: 201 Made"
            echo "Content-Type: text/plain"
            echo
            echo "$REQUEST_METHOD $SCRIPT_NAME $PATH_INFO $QUERY_STRING $(sha256sum)"
            """, mode=0o755)
        self.put("scripts/large.sh", """
            #!/bin/sh
            echo "Content-Type: application/octet-stream"
            echo
            head -c 20000000 /dev/zero
            """, mode=0o755)
        body = os.urandom(LARGE)
        with fastcgi.listening([program, "-f", "-c", "4", "-s", "unix:" + self.socket], self.socket):
            for engine in ENGINES:
                with self.serving(engine, ".sh", "/all/of/it") as port:
                    status, _, answer = ask(port, "POST", "/scripts/sum.sh/a/b?c=d", body)
                    self.assertEqual(status, 201)
                    self.assertEqual(answer.decode().split()[:5],
                                     ["POST", "/scripts/sum.sh", "/a/b", "c=d",
                                      hashlib.sha256(body).hexdigest()])
                    self.assertEqual(len(ask(port, "GET", "/scripts/large.sh")[2]), 20_000_000)
                    self.assertEqual(ask(port, "GET", "/all/of/it")[0], 403, "no such script")


class Hostile(FastCGI):
    """Whatever an application sends, its client gets 502 or a connection that is cut, and the
    server goes on."""

    BEFORE_THE_HEAD = {
        "nothing": b"",
        "another protocol": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        "another version": fastcgi.record(fastcgi.STDOUT, HEAD, version=2),
        "another request": fastcgi.record(fastcgi.STDOUT, HEAD, request=2),
        "the management's request": fastcgi.record(fastcgi.STDOUT, HEAD, request=0),
        "an unknown type": fastcgi.record(200, HEAD),
        "a type of ours": fastcgi.record(fastcgi.PARAMS, HEAD),
        "an end alone": fastcgi.end(),
        "an answer behind the end": fastcgi.end() + fastcgi.text(b"late"),
        "an end without status": fastcgi.record(fastcgi.END),
        "half a record": fastcgi.text(b"x")[:20],
        "half a head": fastcgi.record(fastcgi.STDOUT, HEAD[:10]) + fastcgi.end(),
        "a head that is none": fastcgi.text(b"", b"<html>\n\n"),
        "a head without end": fastcgi.stream(fastcgi.STDOUT, b"X: y\r\n" * 100_000),
        "a head that breaks the answer": fastcgi.text(b"", b"X: a\rSet-Cookie: b\r\n" + HEAD),
    }

    def serve(self, connection):
        variables, _ = fastcgi.receive(connection)
        name = variables["PATH_INFO"].removeprefix("/")
        if name == "well":
            connection.sendall(fastcgi.text(b"well"))
        elif name == "endless":
            connection.sendall(fastcgi.record(fastcgi.STDOUT, HEAD))
            while True:
                connection.sendall(fastcgi.record(fastcgi.STDOUT, b"x" * 60_000))
        elif name == "errors":
            connection.sendall(fastcgi.stream(fastcgi.STDERR, b"\x1b[2J\n\0" * 500_000))
            connection.sendall(fastcgi.text(b"well"))
        elif name.startswith("begun"):
            connection.sendall(fastcgi.record(fastcgi.STDOUT, HEAD + b"begun"))
            connection.sendall(list(self.BEFORE_THE_HEAD.values())[int(name[5:])])
        else:
            connection.sendall(list(self.BEFORE_THE_HEAD.values())[int(name)])

    def test_answers_that_are_none(self):
        with fastcgi.running(self.socket, self.serve):
            for engine in ENGINES:
                with self.serving(engine, "/app") as port:
                    for number, name in enumerate(self.BEFORE_THE_HEAD):
                        self.assertEqual(ask(port, "GET", f"/app/{number}")[0], 502, name)
                        self.assertEqual(ask(port, "POST", f"/app/{number}", b"x" * 100_000)[0], 502, name)
                    self.assertEqual(ask(port, "GET", "/app/well")[2], b"well")

    def test_answers_that_go_wrong(self):
        # Those that are an end, or output as good as any, are not wrong behind a head.
        wrong = [number for number, name in enumerate(self.BEFORE_THE_HEAD)
                 if " end" not in name.replace("an end without", "") and "head" not in name]
        with fastcgi.running(self.socket, self.serve):
            for engine in ENGINES:
                with self.serving(engine, "/app") as port:
                    for number in wrong:
                        with self.assertRaises((http.client.IncompleteRead,
                                                http.client.RemoteDisconnected)):
                            ask(port, "GET", f"/app/begun{number}")
                    self.assertEqual(ask(port, "GET", "/app/well")[2], b"well")

    def test_output_and_errors_without_end(self):
        with fastcgi.running(self.socket, self.serve):
            for engine in ENGINES:
                with self.serving(engine, "/app") as port:
                    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=servers.PATIENCE)
                    connection.request("GET", "/app/endless")
                    response = connection.getresponse()
                    self.assertEqual(len(response.read(1_000_000)), 1_000_000)
                    response.close()
                    connection.close()
                    self.assertEqual(ask(port, "GET", "/app/errors")[2], b"well")

    def test_nobody_there(self):
        for engine in ENGINES:
            with self.serving(engine, "/app") as port:
                for _ in range(3):
                    self.assertEqual(ask(port, "GET", "/app")[0], 502)


if __name__ == "__main__":
    unittest.main()
