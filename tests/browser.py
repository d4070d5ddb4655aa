"""Drives a real Chromium through its DevTools protocol over a pipe: how a page looks, and what keys do there.

Methods and events are those of https://chromedevtools.github.io/devtools-protocol/.
"""

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium")
LONGEST_SECONDS = 60.0
"""For one answer of the browser."""
_OFF = ("gpu", "background-networking", "component-update", "sync", "extensions", "dev-shm-usage")


def required() -> None:
    """Skips the test, or fails it where CI requires it, if this machine has no Chromium."""
    if CHROMIUM is None:
        if os.environ.get("NODROP_REQUIRE_BROWSER"):
            pytest.fail("a browser must run here, but there is no chromium on the PATH")
        pytest.skip("no chromium on the PATH (Debian: apt install chromium)")


class Browser:
    """One browser with one page."""

    def __init__(self, to: int, answers: int) -> None:
        self._to, self._answers, self._pending, self._last = to, answers, b"", 0
        self._session = ""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")

    def call(self, method: str, **params: object) -> dict[str, Any]:
        """Asks and waits for the answer. Raises RuntimeError with what the browser objects to."""
        self._last += 1
        asked = {"id": self._last, "method": method, "params": params}
        if self._session:
            asked["sessionId"] = self._session
        os.write(self._to, json.dumps(asked).encode() + b"\0")
        answer = self._until(lambda message: message.get("id") == self._last)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def _until(self, wanted: Any) -> dict[str, Any]:
        end = time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < end:
            while b"\0" in self._pending:
                message, _, self._pending = self._pending.partition(b"\0")
                if wanted(found := json.loads(message)):
                    return found
            more = os.read(self._answers, 1 << 20)
            if not more:
                raise RuntimeError("the browser ended")
            self._pending += more
        raise TimeoutError("the browser does not answer")

    def open(self, file: Path, *, width: int, dark: bool = False, media: str = "screen") -> None:
        """Loads a file into a window of so many CSS pixels."""
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", media=media, features=scheme)
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **metrics)
        self.call("Page.navigate", url=file.as_uri())
        self._until(lambda message: message.get("method") == "Page.loadEventFired")

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"]["exception"]["description"])
        return result["result"].get("value")

    def press(self, key: str) -> None:
        """Presses and releases a key, such as "Tab" or "Enter"."""
        codes = {"Tab": 9, "Enter": 13, "ArrowRight": 39}
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            down = text if kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=codes[key], **down)

    def screenshot(self, file: Path) -> None:
        """The whole page as PNG."""
        shown = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(shown["data"]))

    def pdf(self, file: Path, *, width_inches: float = 8.27) -> None:
        """The page as it is printed, on paper of DIN A4's height."""
        self.call("Emulation.setEmulatedMedia", media="")
        printed = self.call("Page.printToPDF", paperWidth=width_inches, paperHeight=11.69, printBackground=False)
        file.write_bytes(base64.b64decode(printed["data"]))


@contextmanager
def started(folder: Path) -> Generator[Browser]:
    """A browser with its profile in the folder; it ends with the block."""
    required()
    to_browser, to = os.pipe()
    answers, from_browser = os.pipe()

    def as_three_and_four() -> None:
        copies = os.dup(to_browser), os.dup(from_browser)
        for number, copy in zip((3, 4), copies, strict=True):
            os.dup2(copy, number)
            os.set_inheritable(number, True)

    arguments = ["--headless", "--no-sandbox", "--no-first-run", "--remote-debugging-pipe", "--hide-scrollbars"]
    with subprocess.Popen(
        [str(CHROMIUM), *arguments, *(f"--disable-{each}" for each in _OFF), f"--user-data-dir={folder / 'profile'}"],
        preexec_fn=as_three_and_four,
        pass_fds=(3, 4),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        os.close(to_browser)
        os.close(from_browser)
        try:
            yield Browser(to, answers)
        finally:
            os.close(to)
            os.close(answers)
            process.terminate()
