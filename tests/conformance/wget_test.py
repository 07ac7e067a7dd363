"""wget copies a tree that our server serves."""

import os
import shutil
import subprocess
import tempfile
import unittest

import servers


def make_tree(root):
    """Names of all kinds, files of all sizes; every directory is listed."""
    for directory in ("", "sub", "sub/deeper", "we ird & <b>", "ñandú", "empty.d"):
        folder = os.path.join(root, directory)
        os.makedirs(folder, exist_ok=True)
        if directory == "empty.d":
            continue
        for number, size in enumerate((0, 1, 65536, 65537, 300_000)):
            with open(os.path.join(folder, f"file {number}.bin"), "wb") as file:
                file.write(os.urandom(size))
    for name in ("semi;colon.bin", "plus+.bin", "quote'.bin", "a&b=c.bin",
                 "col:on.bin", "at@.bin", "tilde~.bin", "[brackets].bin"):
        with open(os.path.join(root, name), "wb") as file:
            file.write(name.encode())


@unittest.skipUnless(shutil.which("wget"), "wget is not installed")
class Wget(unittest.TestCase):
    def test_mirror(self):
        root = self.enterContext(tempfile.TemporaryDirectory())
        copy = self.enterContext(tempfile.TemporaryDirectory())
        make_tree(root)
        port = self.enterContext(servers.running("files", root))
        subprocess.run(
            ["wget", "--quiet", "--recursive", "--level=inf", "--no-parent", "--no-host-directories",
             "--no-config", "--tries=1", f"--timeout={servers.PATIENCE}",
             "--restrict-file-names=nocontrol", "--local-encoding=UTF-8",
             "--directory-prefix", copy, f"http://127.0.0.1:{port}/"],
            check=True,
            timeout=3 * servers.PATIENCE,
        )
        # Where there was no index page wget keeps the listing as one.
        for folder, _, names in os.walk(copy):
            if "index.html" in names:
                os.remove(os.path.join(folder, "index.html"))
        difference = subprocess.run(["diff", "-r", root, copy], stdout=subprocess.PIPE, text=True)
        self.assertEqual(difference.stdout, "")
        self.assertEqual(difference.returncode, 0)


if __name__ == "__main__":
    unittest.main()
