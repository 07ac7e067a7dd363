"""The listing as people see it: in Chromium, driven through WebDriver."""

import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import urllib.request
from base64 import b64decode
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from http_support import HTTPTest  # noqa: E402
from program import wait_until  # noqa: E402

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
SLOW = 50  # seconds; a browser on a busy machine takes its time
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--window-size=900,600"]


def start_driver(home: str) -> tuple[subprocess.Popen, int]:
    """chromedriver and its port. It takes one that is free under IPv6, and ends when somebody has
    the same one under IPv4."""
    for _ in range(20):
        driver = subprocess.Popen([DRIVER, "--port=0"], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True,
                                  env=os.environ | {"HOME": home})
        said = ""
        for line in driver.stdout:
            said += line
            if started := re.search(r"on port (\d+)\.", line):
                return driver, int(started[1])
        driver.stdout.close()
        driver.wait(SLOW)
    raise RuntimeError(f"chromedriver does not start: {said}")


class Browser:
    """A Chromium with no past, which leaves nothing behind."""

    def __init__(self, downloads: Path, *flags: str):
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.driver, port = start_driver(self.folder.name)
        self.url = f"http://127.0.0.1:{port}/session"
        self.session = ""
        try:
            options = {"binary": CHROMIUM,
                       "args": [*FLAGS, *flags, f"--user-data-dir={self.folder.name}/data"],
                       "prefs": {"download.default_directory": str(downloads)}}
            answer = self.ask("POST", "", {"capabilities": {"alwaysMatch": {
                "browserName": "chrome", "goog:chromeOptions": options}}})
            self.session = "/" + answer["sessionId"]
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            if self.session:
                self.ask("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait(SLOW)
            self.driver.stdout.close()
            self.folder.cleanup()

    def ask(self, method: str, path: str, body: object = None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + self.session + path, data, method=method,
                                         headers={"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=SLOW) as response:
            return json.load(response)["value"]

    def open(self, url: str) -> None:
        self.ask("POST", "/url", {"url": url})

    def wait_for(self, url: str) -> None:
        """Waits until the page of `url` is there, for a click only begins the way to it."""
        wait_until(lambda: self.ask("GET", "/url") == url and
                   self.run("return document.readyState") == "complete", url)

    def run(self, script: str):
        return self.ask("POST", "/execute/sync", {"script": script, "args": []})

    def click(self, how: str, what: str) -> None:
        element = self.ask("POST", "/element", {"using": how, "value": what})
        self.ask("POST", f"/element/{next(iter(element.values()))}/click", {})

    def screenshot(self) -> bytes:
        return b64decode(self.ask("GET", "/screenshot"))


@unittest.skipUnless(CHROMIUM and DRIVER, "chromium and chromium-driver are not installed")
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
                Browser(downloads) as browser:
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
                Browser(self.root, "--blink-settings=preferredColorScheme=0") as browser:
            browser.open(tool.url)
            self.assertEqual(self.background(browser), "rgb(13, 17, 23)")


if __name__ == "__main__":
    unittest.main()
