"""The listing as people see it: in Chromium, driven through WebDriver."""

import shutil
import struct
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from http_support import HTTPTest  # noqa: E402  (finds the next two)
from browser import Browser, for_chromium  # noqa: E402
from program import wait_until  # noqa: E402


@for_chromium
class Page(HTTPTest):
    def names(self, browser: Browser) -> list[str]:
        return browser.run("return [...document.querySelectorAll('td a')].map(a => a.innerText)")

    def background(self, browser: Browser) -> str:
        return browser.run("return getComputedStyle(document.body).backgroundColor")

    def test_a_walk(self):
        downloads = self.root.parent / (self.root.name + ".downloads")
        downloads.mkdir()
        self.addCleanup(shutil.rmtree, downloads)
        self.make("a & <b>.txt", "odd\n")
        with self.tool("0", "-b", "127.0.0.1", "--title", "Pictures") as tool, \
                Browser(downloads=downloads) as browser:
            browser.open(tool.url)
            self.assertEqual(browser.ask("GET", "/title"), "Pictures: /")
            self.assertEqual(self.names(browser), ["below/", "a & <b>.txt", "data.bin", "hello.txt"])
            # The policy lets the page's own style through, and what it was made for can be seen.
            self.assertEqual(browser.run("return getComputedStyle(document.querySelector('table'))"
                                         ".borderCollapse"), "collapse")
            self.assertEqual(self.background(browser), "rgb(255, 255, 255)")
            image = browser.screenshot()
            self.assertEqual(image[:8], b"\x89PNG\r\n\x1a\n")
            width, height = struct.unpack(">II", image[16:24])
            self.assertGreater(min(width, height), 300)

            browser.click("xpath", "//button[text()='Size']")
            browser.wait_for(tool.url + "?sort=size&order=asc")
            self.assertEqual(self.names(browser), ["below/", "a & <b>.txt", "hello.txt", "data.bin"])
            browser.click("xpath", "//button[text()='Size']")
            browser.wait_for(tool.url + "?sort=size&order=desc")
            self.assertEqual(self.names(browser), ["below/", "data.bin", "hello.txt", "a & <b>.txt"])

            browser.click("link text", "below/")
            browser.wait_for(tool.url + "below/")
            self.assertEqual(self.names(browser), ["deep.txt"])
            browser.click("link text", "Pictures /")
            browser.wait_for(tool.url)

            browser.click("link text", "a & <b>.txt")
            browser.wait_for(tool.url + "a%20%26%20%3Cb%3E.txt")
            self.assertEqual(browser.run("return document.body.innerText").strip(), "odd")
            browser.open(tool.url)
            browser.click("link text", "data.bin")
            saved = downloads / "data.bin"
            wait_until(lambda: saved.exists() and saved.stat().st_size == len(self.bytes),
                       "the download")
            self.assertEqual(saved.read_bytes(), self.bytes)

    def test_dark(self):
        with self.tool("0", "-b", "127.0.0.1") as tool, \
                Browser("--blink-settings=preferredColorScheme=0") as browser:
            browser.open(tool.url)
            self.assertEqual(self.background(browser), "rgb(13, 17, 23)")


if __name__ == "__main__":
    unittest.main()
