"""What hostile clients send is never taken more lightly than nginx takes it, and nothing of it ends
the server, or the service of others."""

import tempfile
import unittest
from pathlib import Path

import hostile_peers as peers


class HostilePeers(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.folder.chmod(0o755)
        self.tree = self.folder / "tree"
        self.tree.mkdir()
        peers.make_tree(self.tree)

    @unittest.skipUnless(peers.NGINX, "nginx is not installed")
    def test_never_laxer_than_nginx(self):
        with peers.ours(self.tree) as ours, peers.nginx(self.tree, self.folder / "nginx") as nginx:
            for inputs, closing_suffices in ((peers.HEADS, False), (peers.BODIES, True)):
                for name, data in inputs.items():
                    with self.subTest(name):
                        verdict, other = peers.Verdict(ours, data), peers.Verdict(nginx, data)
                        self.assertFalse(verdict.laxer_than(other, closing_suffices),
                                         f"{verdict}, but nginx: {other}")

    def test_what_hides_in_a_body_is_never_read(self):
        with peers.ours(self.tree) as ours:
            for name, data in peers.BODIES.items():
                with self.subTest(name):
                    verdict = peers.Verdict(ours, data)
                    self.assertFalse(verdict.reads_evil)
                    self.assertFalse(verdict.is_open)
            self.assertTrue(ours.is_well())

    def test_scenes(self):
        expected = {
            "headers without end": "431",
            "a header without end": "431",
            "a request line without end": "414",
            "200 resets in the middle of answers": "serves on",
            "silent from the start": "closes",
            "half a head, then silent": "408, closes",
            "never reads its answer": "cut off",
        }
        with peers.ours(self.tree) as ours:
            for name, scene in peers.SCENES.items():
                with self.subTest(name):
                    self.assertEqual(scene(ours), expected[name])
            self.assertEqual(peers.stop_under_load(ours), "20 of 20 downloads whole")

    def test_more_clients_than_descriptors(self):
        with peers.ours(self.tree, descriptors=64) as ours:
            self.assertEqual(peers.exhaustion(ours), "idle meanwhile, serves on")

    def test_restart_under_load(self):
        with peers.ours(self.tree, engine="Prefork") as ours:
            self.assertEqual(peers.restart_under_load(ours), "0 cut, 0 unanswered")


if __name__ == "__main__":
    unittest.main()
