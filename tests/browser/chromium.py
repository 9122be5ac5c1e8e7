"""Debian's headless Chromium, driven through its DevTools protocol: small on purpose.

``Browser`` is one process with a profile of its own; ``Tab`` one page in it, which remembers every request it made
(frames and players included) and everything it complained about. ``fresh`` forgets whatever earlier pages left behind: a
school of one test often gets the port of an earlier one, and would find its class code in the browser.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

PROGRAM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
#: Seconds that any single thing may take on a busy machine.
PATIENCE = 60.0
#: A page that just then loads itself once more gets its way: seconds after which ours, if it is not there, was dropped.
_DROPPED = 1.0
_FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--mute-audio",
    "--no-default-browser-check", "--disable-default-apps", "--autoplay-policy=no-user-gesture-required",
    "--remote-debugging-port=0", "--lang=fr", "--accept-lang=fr",
]  # fmt: skip


def program() -> str:
    """Chromium, or a skip that names what is missing; in CI a skip would hide a hole, so it fails."""
    if PROGRAM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("chromium is not installed; tests/setup-machine installs it")
        pytest.skip("chromium is not installed (Debian package chromium)")
    return PROGRAM


class Browser:
    """A running Chromium whose profile is the new folder *profile*; *flags* are added to its usual ones."""

    def __init__(self, profile: Path, *flags: str) -> None:
        self._profile = profile
        self._log = (profile.parent / f"{profile.name}.log").open("wb")
        self._process = subprocess.Popen(
            [program(), *_FLAGS, *flags, f"--user-data-dir={profile}", "about:blank"],
            stdout=self._log, stderr=self._log, start_new_session=True,
        )  # fmt: skip
        port_file = profile / "DevToolsActivePort"
        deadline = time.monotonic() + PATIENCE
        while not (port_file.exists() and port_file.read_text().count("\n")):
            assert self._process.poll() is None, "chromium did not start"
            assert time.monotonic() < deadline, "chromium did not start in time"
            time.sleep(0.05)
        self.port, path = port_file.read_text().split("\n")[:2]
        self._control = Control(f"ws://127.0.0.1:{self.port}{path}")
        self._context: str | None = None

    def tab(self, width: int = 1280, height: int = 800, *, dark: bool = False, phone: bool = False) -> Tab:
        """A new page of *width* × *height* CSS pixels."""
        where = {"browserContextId": self._context} if self._context else {}
        target = self._control.send("Target.createTarget", url="about:blank", **where)["targetId"]
        address = f"ws://127.0.0.1:{self.port}/devtools/page/{target}"
        return Tab(address, width, height, dark=dark, phone=phone, context=self._context)

    @contextlib.contextmanager
    def fresh(self):
        """Tabs that are opened meanwhile share cookies and storage with each other and with no other tab."""
        before = self._context
        self._context = self._control.send("Target.createBrowserContext")["browserContextId"]
        yield
        self._control.send("Target.disposeBrowserContext", browserContextId=self._context)
        self._context = before

    def close(self) -> None:
        self._control.close()
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._log.close()


class Control:
    """A DevTools connection: commands and their results."""

    def __init__(self, address: str) -> None:
        import websocket

        self._socket = websocket.create_connection(address, timeout=PATIENCE, suppress_origin=True)
        self._number = 0

    def send(self, method: str, **parameters) -> dict:
        """One command and its result."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]

    def close(self) -> None:
        self._socket.close()


class LeftPage(AssertionError):
    """The page went elsewhere before it answered."""


class Tab:
    """One page. ``requests`` are the addresses it asked for, ``complaints`` what its console said.

    ``network`` holds every event of DevTools' Network domain in order, of frames too.
    """

    def __init__(
        self, address: str, width: int, height: int, *, dark: bool, phone: bool, context: str | None = None
    ) -> None:  # fmt: skip
        import websocket

        self._socket = websocket.create_connection(address, timeout=PATIENCE, suppress_origin=True)
        self._number = 0
        self._context = context
        self._choosers: list[dict] = []
        self._shown: list[str] = []
        self.requests: list[str] = []
        self.network: list[dict] = []
        self.complaints: list[str] = []
        self.statuses: dict[str, int] = {}
        self._contexts: dict[str, dict] = {}
        for domain in ("Page", "Runtime", "Network", "Log", "DOM"):
            self.send(f"{domain}.enable")
        # Frames on another origin are other targets: follow them, or their requests would be missed.
        self.send("Target.setAutoAttach", autoAttach=True, waitForDebuggerOnStart=True, flatten=True)
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=phone,
        )
        self.send(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}],
        )

    def send(self, method: str, session: str | None = None, **parameters) -> dict:
        """One command and its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self._socket.send(json.dumps(message))
        wanted = self._number
        while True:
            answer = self._receive()
            if answer.get("id") == wanted:
                if "navigated or closed" in answer.get("error", {}).get("message", ""):
                    raise LeftPage(method)
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]

    def _receive(self) -> dict:
        message = json.loads(self._socket.recv())
        if "method" in message:
            self._notice(message)
        return message

    def _notice(self, event: dict) -> None:
        method, facts = event["method"], event["params"]
        if method.startswith("Network."):
            self.network.append(event)
        if method == "Network.requestWillBeSent":
            self.requests.append(facts["request"]["url"])
        elif method == "Network.responseReceived":
            self.statuses[facts["response"]["url"]] = facts["response"]["status"]
        elif method == "Runtime.consoleAPICalled" and facts["type"] in {"error", "assert", "warning"}:
            self.complaints.append(
                " ".join(str(one.get("value", one.get("description"))) for one in facts["args"])
            )
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(facts["exceptionDetails"])[:400])
        elif method == "Log.entryAdded" and facts["entry"]["level"] in {"error", "warning"}:
            self.complaints.append(f"{facts['entry']['text']} {facts['entry'].get('url', '')}")
        elif method == "Runtime.executionContextCreated":
            context = facts["context"]
            if context.get("auxData", {}).get("isDefault"):
                self._contexts[context["auxData"]["frameId"]] = {
                    "id": context["id"],
                    "session": event.get("sessionId"),
                }
        elif method == "Page.frameNavigated" and "parentId" not in facts["frame"]:
            self._shown.append(facts["frame"]["loaderId"])
        elif method == "Page.fileChooserOpened":
            self._choosers.append(facts)
        elif method == "Target.attachedToTarget":
            self._follow(facts["sessionId"])

    def _follow(self, session: str) -> None:
        for command in (
            "Runtime.enable",
            "Network.enable",
            "Log.enable",
            "Page.enable",
            "Runtime.runIfWaitingForDebugger",
        ):
            self._number += 1
            self._socket.send(
                json.dumps({"id": self._number, "method": command, "params": {}, "sessionId": session})
            )

    def wait(self, condition, what: str):
        """The first true value of *condition*, which is called again whenever the browser has said something.

        A page that leaves while it is asked has not answered: the next one is.
        """
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            value = None
            with contextlib.suppress(LeftPage):
                value = condition()
            if value:
                return value
            self._socket.settimeout(0.05)
            with contextlib.suppress(Exception):
                self._receive()
            self._socket.settimeout(PATIENCE)
        raise AssertionError(f"the browser never came to this: {what}; it said {self.complaints[-3:]}")

    def wait_through(self, condition, what: str):
        """As ``wait``, for a *condition* that may fail while something is still loading."""

        def holds():
            try:
                return condition()
            except AssertionError:
                return None

        return self.wait(holds, what)

    def accept_any_certificate(self) -> None:
        """What a person does once who compared the fingerprint with the paper."""
        self.send("Security.setIgnoreCertificateErrors", ignore=True)

    def open(self, url: str) -> Tab:
        """Go to *url* and wait until it and its frames are loaded."""

        def arrived():
            before, other = len(self._shown), []
            ours = self.send("Page.navigate", url=url).get("loaderId")

            def settled():
                if len(self._shown) > before and not other:
                    other.append(time.monotonic())
                return ours in self._shown or (other and time.monotonic() > other[0] + _DROPPED)

            self.wait(settled, f"anything after {url} was asked for")
            return ours in self._shown

        self.wait(arrived, url)
        self._loaded()
        return self

    @contextlib.contextmanager
    def opening(self):
        """What is done inside opens another page: wait until that one, and no earlier one, and its frames are loaded."""
        before = len(self._shown)
        yield
        self.wait(lambda: len(self._shown) > before, "another page")
        self._loaded()

    def _loaded(self) -> None:
        self.wait_through(lambda: self.js("document.readyState") == "complete", "a page that is loaded")

    def js(self, expression: str):
        """The value of *expression* in the page."""
        return self._value(
            self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        )

    def frame_js(self, expression: str):
        """The value of *expression* in the page's frame (its last one, once it is loaded)."""
        own = self.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        frame = self.wait(
            lambda: [one for name, one in self._contexts.items() if name != own], "a frame with a script"
        )[-1]
        return self._value(self.send(
            "Runtime.evaluate", frame["session"], expression=expression, contextId=frame["id"], returnByValue=True,
            awaitPromise=True,
        ))  # fmt: skip

    def in_frame(self, address: str, expression: str):
        """The value of *expression* in the frame, however deep, whose address contains *address*."""

        def found():
            frames = [self.send("Page.getFrameTree")["frameTree"]]
            for one in frames:
                frames += one.get("childFrames", [])
                if address in one["frame"]["url"] and one["frame"]["id"] in self._contexts:
                    return self._contexts[one["frame"]["id"]]
            return None

        frame = self.wait(found, f"a frame of {address}")
        return self._value(self.send(
            "Runtime.evaluate", frame["session"], expression=expression, contextId=frame["id"], returnByValue=True,
            awaitPromise=True,
        ))  # fmt: skip

    @staticmethod
    def _value(answer: dict):
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def touch(self, selector: str) -> None:
        """Touch the first element that matches, where a finger would, once it is there."""
        x, y = self.wait_through(
            lambda: self.js(f"""(() => {{ const e = document.querySelector({json.dumps(selector)});
            e?.scrollIntoView({{block: 'center'}}); const r = e?.getBoundingClientRect();
            return r && [r.x + r.width / 2, r.y + r.height / 2]; }})()"""),
            f"something to touch at {selector}",
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def tap(self, selector: str) -> Tab:
        """As ``touch``, and wait for the page that it opens."""
        with self.opening():
            self.touch(selector)
        return self

    def choose(self, selector: str, *files: Path) -> None:
        """Touch what opens the dialogue in which files are chosen, and choose *files* there."""
        self.send("Page.setInterceptFileChooserDialog", enabled=True)
        self._choosers.clear()
        self.touch(selector)
        opened = self.wait(lambda: self._choosers, "a dialogue in which files are chosen")[0]
        self.send(
            "DOM.setFileInputFiles",
            files=[str(file) for file in files],
            backendNodeId=opened["backendNodeId"],
        )

    def save_in(self, folder: Path) -> None:
        """What the pages of this tab's browser save from now on lands in *folder*."""
        where = {"browserContextId": self._context} if self._context else {}
        self.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder), **where)

    def write(self, text: str) -> None:
        """Type *text* where the cursor is."""
        self.send("Input.insertText", text=text)

    def press(self, key: str) -> None:
        """One key, such as Tab, Enter or a space."""
        codes = {
            "Tab": 9,
            "Enter": 13,
            "Escape": 27,
            " ": 32,
            "ArrowLeft": 37,
            "ArrowUp": 38,
            "ArrowRight": 39,
            "ArrowDown": 40,
        }
        more = {"text": "\r"} if key == "Enter" else {"text": " "} if key == " " else {}
        for kind in ("keyDown", "keyUp"):
            self.send(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                windowsVirtualKeyCode=codes[key],
                **(more if kind == "keyDown" else {}),
            )

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """Write a PNG of what is seen, or of the *whole* page."""
        shot = self.send(
            "Page.captureScreenshot",
            format="png",
            captureBeyondViewport=whole,
            **({"clip": self._whole()} if whole else {}),
        )
        path.write_bytes(base64.b64decode(shot["data"]))

    def _whole(self) -> dict:
        size = self.send("Page.getLayoutMetrics")["cssContentSize"]
        return {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.send("Page.close")
        self._socket.close()
