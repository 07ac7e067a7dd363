"""scripts/bench: the servers of its workloads on XML-RPC all do their job.

It needs the benchmark programs in BIN_DIR and is skipped where they are not built.
"""

import sys
import unittest

from bench_support import RPC, check_short_run, needs_servers


@needs_servers
class ShortRun(unittest.TestCase):
    def test_everything_runs(self):
        check_short_run(self, RPC)


if __name__ == "__main__":
    sys.exit(unittest.main())
