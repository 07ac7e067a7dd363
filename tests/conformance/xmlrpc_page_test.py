"""The documentation page of methods with hostile names, in Chromium."""

import json
import sys
import unittest
from pathlib import Path

import servers

sys.path.insert(0, str(Path(__file__).parent.parent))
from browser import Browser, for_chromium  # noqa: E402
from program import wait_until  # noqa: E402

NAME = "<script>document.title='bad'</script>"


@for_chromium
class Page(unittest.TestCase):
    def test_XR_162_a_method_named_script_is_text(self):
        with servers.running("xmlrpc", "page") as port, Browser() as browser:
            browser.open(f"http://127.0.0.1:{port}/")
            self.assertEqual(browser.run("return document.forms[0].dataset.method"), NAME)
            self.assertIn(NAME, browser.run("return document.body.innerText"))
            self.assertEqual(browser.run("return document.images.length"), 0)
            # It can be tried all the same.
            browser.run("const f = document.forms[0]; f.closest('details').open = true;"
                        "f.querySelector('[data-name]').value = '41'; f.requestSubmit()")
            output = "return document.forms[0].querySelector('output').textContent"
            wait_until(lambda: browser.run(output) not in ("", "…"), "an answer")
            self.assertEqual(browser.run(output), "42")
            self.assertNotEqual(browser.ask("GET", "/title"), "bad")
            self.assertTrue(browser.screenshot().startswith(b"\x89PNG"))

    def test_numbers_that_JavaScript_does_not_hold_exactly_are_doubles(self):
        with servers.running("xmlrpc", "page") as port, Browser() as browser:
            browser.open(f"http://127.0.0.1:{port}/")
            browser.run("""
                const f = document.querySelector('form[data-method=type_names]');
                f.closest('details').open = true;
                f.querySelector('[data-name]').value =
                    '7, -2147483649, 9007199254740991, 9007199254740992, 1e300, 1.5';
                f.requestSubmit()""")
            output = """return document.querySelector('form[data-method=type_names]')
                                   .querySelector('output').textContent"""
            wait_until(lambda: browser.run(output) not in ("", "…"), "an answer")
            self.assertEqual(json.loads(browser.run(output)), 3 * ["int"] + 3 * ["double"])


if __name__ == "__main__":
    unittest.main()
