"""The directories that two servers serve to compare their answers."""

import os
from pathlib import Path

PROBE = b"nothing else has this content"  # of the file /probe


def make_files(root: Path) -> None:
    """Odd names, links, types, and a file of 2020-01-02T03:04:05.678Z."""
    for folder in ("sub", "idx", "idxdir/index.html", "we ird & <b>", "qa?"):
        (root / folder).mkdir(parents=True)
    for name, content in {
        "test": "We are the knights", "file.txt": "hello\n", "probe": PROBE.decode(), "empty": "",
        "idx/index.html": "<h1>i</h1>\n", "idx/index.htm": "old\n",
        "a<script>\"q\" &amp;'.txt": "x", "ñandú.txt": "n\n", ".hidden": "x", "B upper": "x",
        **dict.fromkeys(["a.tar.gz", "b.Z", "c.gz", "d.bz2", "e.xz", "f.html", "g.HTML", "h.py",
                         "i.unknown", "j.svgz", "k.js", "l.json", "m.wasm", "n.tgz", "o.css", "p.png",
                         "q.txt."], "x"),
    }.items():
        (root / name).write_text(content)
    Path(os.fsdecode(os.fsencode(root) + b"/bad\xff.txt")).write_text("x")
    os.utime(root / "file.txt", ns=(0, 1_577_934_245_678_000_000))
    for name, target in {"link.txt": "file.txt", "linkdir": "sub", "outside": "/etc/passwd",
                         "dangling": "nowhere"}.items():
        (root / name).symlink_to(target)
