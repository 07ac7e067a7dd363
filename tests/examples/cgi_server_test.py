"""cgi_server runs what is below /cgi-bin, and Python programs anywhere."""

import os
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import ExampleServer, ask  # noqa: E402


@unittest.skipUnless(os.access("/usr/bin/python3", os.X_OK), "no /usr/bin/python3")
class CGIServer(unittest.TestCase):
    def setUp(self):
        self.root = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.root.chmod(0o755)  # when root runs this, the scripts are somebody else's
        (self.root / "cgi-bin").mkdir()
        script = self.root / "cgi-bin" / "hello.sh"
        script.write_text("#!/bin/sh\necho 'Content-Type: text/plain'\necho\n"
                          "echo \"$GREETING $REQUEST_METHOD\"\n")
        script.chmod(0o755)
        (self.root / "index.py").write_text(
            "import os\nprint('Content-Type: text/plain\\n')\nprint('hello', os.environ['SCRIPT_NAME'])\n")
        (self.root / "note.txt").write_text("a file\n")

    def test_scripts_and_files(self):
        with ExampleServer("cgi_server", self.root, 0) as server:
            for target, line, body in (
                    ("/cgi-bin/hello.sh", b"200 Script output follows", b"hello GET\n"),
                    ("/", b"200 Script output follows", b"hello /index.py\n"),
                    ("/index.py", b"200 Script output follows", b"hello /index.py\n"),
                    ("/note.txt", b"200 OK", b"a file\n")):
                answer = ask(server.port, f"GET {target} HTTP/1.0\r\n\r\n".encode())
                head, _, content = answer.partition(b"\r\n\r\n")
                self.assertIn(line, head)
                self.assertEqual(content, body)


if __name__ == "__main__":
    unittest.main()
