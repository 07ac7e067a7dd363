"""Chromium without a window, driven through WebDriver."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
import urllib.request
from base64 import b64decode
from pathlib import Path
from urllib.error import HTTPError

from program import wait_until

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
SLOW = 120  # seconds; a browser on a loaded machine takes its time
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--window-size=900,600"]

for_chromium = unittest.skipUnless(CHROMIUM and DRIVER,
                                   "chromium and chromium-driver are not installed")


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

    def __init__(self, *flags: str, downloads: Path | None = None):
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.driver, port = start_driver(self.folder.name)
        self.url = f"http://127.0.0.1:{port}/session"
        self.session = ""
        try:
            saved = downloads or Path(self.folder.name, "downloads")
            options = {"binary": CHROMIUM,
                       "args": [*FLAGS, *flags, f"--user-data-dir={self.folder.name}/data"],
                       "prefs": {"download.default_directory": str(saved)}}
            answer = self.ask("POST", "", {"capabilities": {"alwaysMatch": {
                "browserName": "chrome", "goog:chromeOptions": options,
                "goog:loggingPrefs": {"browser": "ALL"},
                "unhandledPromptBehavior": "ignore"}}})
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

    def element(self, how: str, what: str) -> str:
        """The path of the first element that is found."""
        found = self.ask("POST", "/element", {"using": how, "value": what})
        return f"/element/{next(iter(found.values()))}"

    def click(self, how: str, what: str) -> None:
        self.ask("POST", self.element(how, what) + "/click", {})

    def choose_files(self, *paths: Path) -> None:
        self.ask("POST", self.element("css selector", "input[type=file]") + "/value",
                 {"text": "\n".join(map(str, paths))})

    def answer(self, text: str | None = None) -> str:
        """Says yes to a dialogue, and returns what it asked."""
        question = []

        def is_asked() -> bool:
            try:
                question.append(self.ask("GET", "/alert/text"))
                return True
            except HTTPError:
                return False

        wait_until(is_asked, "a dialogue")
        if text is not None:
            self.ask("POST", "/alert/text", {"text": text})
        self.ask("POST", "/alert/accept", {})
        return question[0]

    def complaints(self) -> list[str]:
        """What Chromium has to say about the page, besides failed requests and a missing icon."""
        messages = [entry["message"] for entry in self.ask("POST", "/se/log", {"type": "browser"})]
        return [text for text in messages if "Failed to load resource" not in text]

    def screenshot(self) -> bytes:
        return b64decode(self.ask("GET", "/screenshot"))
