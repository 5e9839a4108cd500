"""A Chromium without a window, driven as a person would: pages, clicks, keys, pictures, by the DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import importlib.util
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp

#: names under which systems have it
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
#: what axe finds, its best practices among it
_AXE = """axe.run(document, {resultTypes: ["violations"]}).then((told) => told.violations.map(
    (one) => `${one.id}: ${one.help} (${one.nodes.length}): ${one.nodes[0].html.slice(0, 200)} ${one.nodes[0].failureSummary}`))"""
#: seconds that anything may take
_PATIENCE = 30.0


def found() -> str | None:
    """Where a Chromium lies, None where there is none."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


def rules() -> str | None:
    """The script of axe, which knows what shuts people out of a page, None where it is not installed.

    A package brings it along for another driver of browsers; that is neither installed nor imported.
    """
    package = importlib.util.find_spec("axe_playwright_python")
    places = package.submodule_search_locations if package else None
    return (Path(places[0]) / "axe.min.js").read_text(encoding="utf-8") if places else None


class Browser:
    """One tab. Every call waits for its answer."""

    def __init__(self, address: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._number = 0
        self.problems: list[
            str
        ] = []  # what the page complained of: errors of scripts, what its policy stopped
        self._events: list[str] = []
        self._run(self._connect(address))
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def _run(self, work: Any) -> Any:
        return self._loop.run_until_complete(asyncio.wait_for(work, _PATIENCE))

    async def _connect(self, address: str) -> None:
        self._session = aiohttp.ClientSession()
        self._socket = await self._session.ws_connect(address, max_msg_size=0)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol, and what it gives."""
        return self._run(self._call(method, parameters))  # type: ignore[no-any-return]  # JSON

    async def _call(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": parameters})
        while True:
            told = await self._socket.receive_json()
            if told.get("id") == self._number:
                assert "error" not in told, told
                return told["result"]  # type: ignore[no-any-return]  # JSON
            self._hear(told)

    def _hear(self, told: dict[str, Any]) -> None:
        self._events.append(told.get("method", ""))
        if told.get("method") == "Runtime.exceptionThrown":
            self.problems.append(str(told["params"]["exceptionDetails"]))
        if told.get("method") == "Log.entryAdded" and told["params"]["entry"]["level"] == "error":
            self.problems.append(told["params"]["entry"]["text"])

    async def _until_loaded(self) -> None:
        while "Page.loadEventFired" not in self._events:
            self._hear(await self._socket.receive_json())

    def open(self, address: str) -> None:
        """Go to a page and wait until it is loaded."""
        self._events.clear()
        self.call("Page.navigate", url=address)
        self._run(self._until_loaded())

    def tell(self, expression: str) -> Any:
        """What an expression of the page's script gives."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def until(self, expression: str) -> Any:
        """Wait until an expression gives something, and that; the page may change meanwhile."""
        end = self._loop.time() + _PATIENCE
        while self._loop.time() < end:
            with contextlib.suppress(AssertionError):
                if found := self.tell(
                    f"new Promise((done) => requestAnimationFrame(() => done(Boolean({expression}))))"
                ):
                    return found
        raise AssertionError(f"never: {expression}")

    def press(self, selector: str) -> None:
        """Click the middle of an element with the mouse, and wait for the page that comes of it."""
        box = self.tell(
            f"(() => {{ const it = document.querySelector({selector!r}); it.scrollIntoView({{block: 'center', behavior: 'instant'}}); const box = it.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        )
        self._events.clear()
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def loaded(self) -> None:
        """Wait for the page that the last click or key has led to."""
        self._run(self._until_loaded())

    def key(self, name: str, code: int, text: str = "") -> None:
        """Press and release one key."""
        self._events.clear()
        for kind in ("keyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=name,
                code=name,
                windowsVirtualKeyCode=code,
                text=text,
            )

    def type(self, text: str) -> None:
        """Write where the cursor is."""
        self.call("Input.insertText", text=text)

    def looks(self, width: int, height: int, *, dark: bool = False, phone: bool = False) -> None:
        """Be as wide and as high as a device, light or dark."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=phone,
        )
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", features=scheme)

    def shut_out(self) -> list[str]:
        """What axe says is wrong with the page, all folded parts open: rule, how many places, and the first of them."""
        script = rules()
        assert script is not None
        self.tell("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        if not self.tell("typeof axe === 'object'"):
            self.tell(f"{script}; 0")
        return list(self.tell(_AXE))

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """Take a picture of the window, or of the whole page."""
        taken = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(taken["data"]))

    def close(self) -> None:
        """Let go of it."""

        async def end() -> None:
            await self._socket.close()
            await self._session.close()

        self._run(end())
        self._loop.close()


@contextlib.contextmanager
def opened(program: str) -> Iterator[Browser]:
    """A browser of one's own, with nothing in it from before; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as folder:
        flags = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
        ]
        flags += [
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
        ]
        place = [f"--user-data-dir={folder}", "--remote-debugging-port=0", "about:blank"]
        process = subprocess.Popen(
            [program, *flags, *place], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        try:
            browser = Browser(_tab(process))
            try:
                yield browser
            finally:
                browser.close()
        finally:
            process.kill()
            process.communicate()


def _tab(process: subprocess.Popen[str]) -> str:
    """The address of the one tab, once the browser says at which port it is spoken to."""
    assert process.stderr is not None
    for line in process.stderr:
        if "DevTools listening on ws://" in line:
            place = line.split("ws://", 1)[1].split("/", 1)[0]
            return asyncio.run(_first_page(place))
    raise AssertionError("the browser does not start")


async def _first_page(place: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(f"http://{place}/json/list") as answer:
        tabs = await answer.json(content_type=None)
    return next(str(tab["webSocketDebuggerUrl"]) for tab in tabs if tab["type"] == "page")
