"""The documentation page as people see it: in Chromium, driven through WebDriver."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from browser import Browser, for_chromium  # noqa: E402
from program import ExampleServer, wait_until  # noqa: E402


@for_chromium
class Page(unittest.TestCase):
    def test_XR_162_methods_are_tried_from_the_page(self):
        with ExampleServer("rpc_stock", 0) as server, Browser() as browser:
            browser.open(f"http://127.0.0.1:{server.port}/")
            self.assertEqual(browser.ask("GET", "/title"), "Stock")
            # The policy lets the page's own style and script through.
            self.assertEqual(browser.run("return getComputedStyle(document.querySelector('.columns'))"
                                         ".display"), "grid")
            self.assertFalse(browser.run("return document.querySelector('details').hidden"))

            def call(method, **values):
                form = f"document.querySelector('form[data-method=\"{method}\"]')"
                fields = "".join(f"f.querySelector('[data-name=\"{name}\"]').value = {value!r};"
                                 for name, value in values.items())
                browser.run(f"const f = {form}; f.closest('details').open = true; {fields}"
                            "f.requestSubmit()")
                output = f"return {form}.querySelector('output').textContent"
                wait_until(lambda: browser.run(output) not in ("", "…"), "an answer")
                return browser.run(output)

            self.assertEqual(call("add", name="<nut> & bolt", count="3"), "3")
            self.assertEqual(call("list"), '{\n  "<nut> & bolt": 3\n}')
            self.assertEqual(call("price", count="2", each="2.25"), "4.5")
            self.assertEqual(call("system.methodSignature", name="price"),
                             '[\n  [\n    "double",\n    "int",\n    "double"\n  ]\n]')
            self.assertIn("a count below zero", call("price", count="-1", each="1"))
            self.assertIn("bad int", call("price", count="x", each="1"))


if __name__ == "__main__":
    unittest.main()
