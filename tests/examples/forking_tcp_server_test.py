"""forking_tcp_server and explicit_fork: which process answers (E17, E19)."""

import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from program import ExampleServer, Program, ask, connect, read_to_end, wait_until  # noqa: E402


def children(pid: int) -> list[str]:
    """The ids of a process's children, zombies included."""
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


class ForkingTCPServer(unittest.TestCase):
    def test_E17_transcript(self):
        # The program itself fails when a child is left.
        with Program("forking_tcp_server") as program:
            pid = program.process.pid
            self.assertEqual(program.stdout.readline(), f"Server loop running in process: {pid}")
            pids = {pid}
            for number in (1, 2, 3):
                answer = re.fullmatch(rf"Received: (\d+): Hello World {number}",
                                      program.stdout.readline())
                self.assertTrue(answer)
                pids.add(int(answer[1]))
            self.assertEqual(len(pids), 4)
            self.assertEqual((program.stdout.rest(), program.stderr.rest()), ("", ""))
            self.assertEqual(program.wait(), 0)


class ExplicitFork(unittest.TestCase):
    def test_E19_who_answers(self):
        with ExampleServer("explicit_fork", 0) as server, connect(server.port) as slow:
            pid = server.process.pid
            slow.sendall(b"slow\n")
            wait_until(lambda: children(pid), "a child for the slow request")
            child = children(pid)[0]
            self.assertEqual(ask(server.port, b"fast\n"), f"{pid} fast\n".encode())
            self.assertEqual(read_to_end(slow), f"{child} slow\n".encode())
            self.assertNotEqual(int(child), pid)
            wait_until(lambda: not children(pid), "the child to be let go")


if __name__ == "__main__":
    unittest.main()
