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


TEXT = "#!/bin/sh\necho 'Content-Type: text/plain'\necho\n"
ENVIRONMENT = TEXT + 'echo "ARGUMENTS=$#:$*"\necho "UID=$(id -u)"\nenv\n'


def make_scripts(root: Path) -> None:
    """Scripts that are well, that are not, and that are none."""
    root.chmod(0o755)  # the scripts of root run as nobody
    for name, content in {
        **dict.fromkeys(["cgi-bin/env.sh", "cgi-bin/below/env.sh", "htbin/env.sh",
                         "sub/cgi-bin/env.txt"], ENVIRONMENT),
        "cgi-bin/up.sh": TEXT + 'head -c "${CONTENT_LENGTH:-0}" | tr a-z A-Z\n',
        "cgi-bin/status.sh": "#!/bin/sh\necho 'Status: 302 Found'\necho 'Location: /x'\necho\n",
        "cgi-bin/exit.sh": "#!/bin/sh\nexit 7\n",
        "cgi-bin/kill.sh": "#!/bin/sh\nkill -9 $$\n",
        "cgi-bin/errors.sh": "#!/bin/sh\necho oops >&2\n" + TEXT + "echo ok\n",
        "cgi-bin/noexec.sh": "echo no\n",
        "cgi-bin/nothing-to-run": "neither a program nor a script",
        "cgi-bin/no-interpreter": "#!/nonexistent/interpreter\n",
        "plain.txt": "#!/bin/sh\necho plain\n",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        path.chmod(0o644 if name.endswith("noexec.sh") else 0o755)
