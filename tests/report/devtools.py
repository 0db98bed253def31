# SPDX-License-Identifier: MIT
"""A page in a headless Chromium, driven over its DevTools pipe with Python's library alone.

Commands go to the browser's descriptor 3 and answers come from 4, as JSON ended by a NUL byte.  What happens meanwhile
(requests, console messages) is kept in `events`, in order.
"""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 60  # seconds for any one answer: a hang is a failure, a slow machine is not


def find():
    """The program, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Page:
    def __init__(self):
        self.profile = tempfile.TemporaryDirectory(prefix="heapyard-chromium-", ignore_cleanup_errors=True)
        command_out, self.commands = os.pipe()
        self.answers, answer_in = os.pipe()

        def place_pipes():
            ends = os.dup(command_out), os.dup(answer_in)
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        # No sandbox: it needs rights that containers lack, and the page is our own.
        self.process = subprocess.Popen(
            [find(), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync", "--mute-audio",
             "--hide-scrollbars", "--remote-debugging-pipe", "--user-data-dir=" + self.profile.name, "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=place_pipes,
            pass_fds=(3, 4))
        os.close(command_out)
        os.close(answer_in)
        self.buffer, self.events, self.number, self.session = b"", [], 0, None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.commands)
        os.close(self.answers)
        self.profile.cleanup()

    def receive(self, deadline):
        while b"\0" not in self.buffer:
            if not select.select([self.answers], [], [], max(0, deadline - time.monotonic()))[0]:
                raise TimeoutError("no answer from the browser in %d s" % PATIENCE)
            got = os.read(self.answers, 1 << 20)
            if not got:
                raise EOFError("the browser has gone")
            self.buffer += got
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self.receive(deadline)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError("%s: %s" % (method, answer["error"]["message"]))
                return answer["result"]
            self.events.append(answer)

    def wait(self, event, since):
        """Until that event has come, counted from events[since]."""
        deadline = time.monotonic() + PATIENCE
        while not any(e.get("method") == event for e in self.events[since:]):
            self.events.append(self.receive(deadline))

    def of(self, event):
        return [e["params"] for e in self.events if e.get("method") == event]

    def load(self, url):
        for place in ("about:blank", url):  # from page to page: another #place alone would not load anew
            since = len(self.events)
            self.call("Page.navigate", url=place)
            self.wait("Page.loadEventFired", since)

    def open(self, url):
        """Loads, and waits until the script has run and the page is drawn."""
        self.load(url)
        self.js("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def js(self, expression):
        """Its value, as data.  A promise is waited for."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError("%s: %s" % (expression, answer["exceptionDetails"].get("exception", {}).get("description")))
        return answer["result"].get("value")

    def key(self, name, code=None, text=None):
        code = code or name
        more = {"text": text} if text else {}
        virtual = {"Tab": 9, "Enter": 13, "ArrowLeft": 37, "ArrowRight": 39, "End": 35, "Home": 36}.get(name, 0)
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=code, windowsVirtualKeyCode=virtual,
                      **(more if kind == "keyDown" else {}))

    def size(self, width, height, mobile=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2 if mobile else 1,
                  mobile=mobile)

    def scheme(self, value, media=""):
        self.call("Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": value}])

    def picture(self, path):
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def pdf(self, path):
        path.write_bytes(base64.b64decode(self.call("Page.printToPDF", printBackground=False, paperWidth=8.27,
                                                    paperHeight=11.69)["data"]))
