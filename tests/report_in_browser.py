"""report_in_browser.py BROWSER REPORT [RESULTS]: uses a report as a person would, in a headless Chromium.

Always: opened from the disk it has no console error and fetches nothing; no sideways scrolling at the width of a phone;
dark, light and printed it has the colours it should, and texts that can be read.
With RESULTS, the folder of results beside a report with the interactive view: the cross follows a drag of the mouse, what
is shown beside it are the values of the images at that place, the sliders work, and the time course is that of the table.

Speaks the browser's DevTools protocol over a pipe and needs nothing but Python's own library.
"""

import base64
import csv
import fcntl
import gzip
import hashlib
import json
import os
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import time

PATIENCE = 90  # seconds


def fail(message):
    sys.exit(f"report_in_browser.py: {message}")


def check(condition, message):
    if not condition:
        fail(message)


class Browser:
    """A page in a browser of its own, which ends with it."""

    FLAGS = """--headless --no-sandbox --remote-debugging-pipe --disable-gpu --disable-quic --no-first-run
        --disable-background-networking --disable-component-update --disable-sync --use-angle=swiftshader
        --enable-unsafe-swiftshader --window-size=1200,900""".split()

    def __init__(self, program):
        self.profile = tempfile.mkdtemp(prefix="roi-browser-")
        theirs_in, self.output = os.pipe()
        self.input, theirs_out = os.pipe()
        # The browser reads from its descriptor 3 and writes to 4, which may be in use here.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (theirs_in, theirs_out)]

        def connect():
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        self.process = subprocess.Popen(
            [program, *self.FLAGS, f"--user-data-dir={self.profile}", "about:blank"],
            preexec_fn=connect, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for end in (theirs_in, theirs_out, *ends):
            os.close(end)
        self.buffer = b""
        self.number = 0
        self.events = []
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def close(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def message(self, until):
        while b"\0" not in self.buffer:
            left = until - time.monotonic()
            check(left > 0 and select.select([self.input], [], [], left)[0], f"no answer within {PATIENCE} s")
            data = os.read(self.input, 1 << 20)
            check(data, "the browser ended")
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        self.number += 1
        request = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            request["sessionId"] = self.session
        data = json.dumps(request).encode() + b"\0"
        while data:
            data = data[os.write(self.output, data):]
        until = time.monotonic() + PATIENCE
        while True:
            message = self.message(until)
            if message.get("id") == self.number:
                check("error" not in message, f"{method}: {message.get('error')}")
                return message["result"]
            self.events.append(message)

    def run(self, script):
        """The value of an expression in the page."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        check("exceptionDetails" not in result, f"{script}: {result.get('exceptionDetails')}")
        return result["result"].get("value")

    def wait(self, script):
        until = time.monotonic() + PATIENCE
        while not self.run(script):
            check(time.monotonic() < until, f"not so within {PATIENCE} s: {script}")
            time.sleep(0.05)

    def open(self, path):
        self.call("Page.navigate", url="file://" + os.path.abspath(path))
        self.wait("document.readyState === 'complete'")

    def screen(self, width, height, phone=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)

    def look(self, scheme="light", media=""):
        self.call("Emulation.setEmulatedMedia", media=media,
                  features=[{"name": "prefers-color-scheme", "value": scheme}])

    def mouse(self, kind, x, y):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=int(kind != "mouseReleased"),
                  clickCount=int(kind != "mouseMoved"))

    def picture(self, selector):
        """What is to be seen of an element, as a number that changes with any of its pixels."""
        x, y, width, height = self.box(selector)
        data = self.call("Page.captureScreenshot", clip={"x": x + self.run("scrollX"), "y": y + self.run("scrollY"),
                                                         "width": width, "height": height, "scale": 1})["data"]
        return hashlib.sha256(base64.b64decode(data)).hexdigest()

    def box(self, selector):
        return self.run(f"""(() => {{ const box = document.querySelector({json.dumps(selector)}).getBoundingClientRect();
            return [box.x, box.y, box.width, box.height]; }})()""")

    def complaints(self):
        """Errors and warnings of the console, and what was fetched over a network."""
        out = []
        for event in self.events:
            kind, what = event.get("method"), event.get("params", {})
            if kind == "Runtime.consoleAPICalled" and what["type"] in ("error", "warning", "assert"):
                out.append(f"console: {what['args']}")
            elif kind == "Runtime.exceptionThrown":
                out.append(f"exception: {what['exceptionDetails']}")
            elif kind == "Log.entryAdded" and what["entry"]["level"] == "error":
                out.append(f"log: {what['entry']}")
            elif kind == "Network.requestWillBeSent":
                url = what["request"]["url"]
                if not url.startswith(("file:", "data:", "blob:")):
                    out.append(f"fetched: {url[:200]}")
        return out


# The colours of a selector's first element and of what lies behind it, as lightness from 0 to 1 (WCAG 2).
LIGHTNESS = """(selector) => {
  const lightness = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).map((v) => v / 255)
      .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let element = document.querySelector(selector);
  const ink = lightness(getComputedStyle(element).color);
  const transparent = (e) => /, 0\\)$/.test(getComputedStyle(e).backgroundColor);
  while (element.parentElement && transparent(element)) element = element.parentElement;
  return [ink, transparent(element) ? 1 : lightness(getComputedStyle(element).backgroundColor)];
}"""


def check_page(browser, path):
    browser.screen(1200, 900)
    for scheme, media in (("light", ""), ("dark", ""), ("light", "print"), ("dark", "print")):
        name = f"{scheme} {media or 'screen'}"
        browser.look(scheme, media)
        browser.open(path)
        check(browser.run("document.querySelectorAll('figure > svg').length") >= 6, "fewer than 6 figures")
        check(not browser.run("[...document.querySelectorAll('figure > svg')].some((e) => e.checkVisibility() && "
                              "e.getBoundingClientRect().height < 50)"), f"{name}: a figure has no size")
        dark = scheme == "dark" and not media
        for selector in ("body", "h1", ".quiet, figcaption", "td", "th"):
            ink, paper = browser.run(f"({LIGHTNESS})({json.dumps(selector)})")
            check((paper < 0.05) == dark and (paper > 0.8) != dark, f"{name}: {selector} lies on {paper:.2f} of white")
            contrast = (max(ink, paper) + 0.05) / (min(ink, paper) + 0.05)
            check(contrast >= 4.5, f"{name}: {selector} has a contrast of {contrast:.1f}, 4.5 is needed")
        if browser.run("document.getElementById('view') !== null"):
            shown = browser.run("document.getElementById('view').checkVisibility()")
            check(shown != bool(media), f"{name}: the view is {'' if shown else 'not '}shown")
    browser.look()
    for width in (320, 390, 768, 1200):
        browser.screen(width, 800, phone=width < 768)
        browser.open(path)
        content, room = browser.run("[document.documentElement.scrollWidth, innerWidth]")
        check(content <= width == room, f"{width} points wide: the page is {content} and the window {room}")
    complaints = browser.complaints()
    check(not complaints, f"{path}: {complaints}")


class Image:
    """A .nii.gz file of one volume, as roi writes them."""

    def __init__(self, path):
        data = gzip.open(path).read()
        self.shape = struct.unpack_from("<3h", data, 42)
        kind = {2: "B", 4: "h", 8: "i", 16: "f"}[struct.unpack_from("<h", data, 70)[0]]
        slope, intercept = struct.unpack_from("<2f", data, 112)
        count = self.shape[0] * self.shape[1] * self.shape[2]
        check(slope in (0, 1) and intercept == 0, f"{path}: scaled")
        self.voxels = struct.unpack_from(f"<{count}{kind}", data, int(struct.unpack_from("<f", data, 108)[0]))

    def __getitem__(self, voxel):
        return self.voxels[voxel[0] + self.shape[0] * (voxel[1] + self.shape[1] * voxel[2])]


class View:
    def __init__(self, browser, results):
        self.browser = browser
        self.mean, self.log_p, self.atlas = (
            Image(os.path.join(results, name)) for name in ("mean_epi.nii.gz", "log_p_values.nii.gz", "mask_atlas.nii.gz"))
        with open(os.path.join(results, "roi_signals.tsv"), encoding="utf-8") as file:
            self.signals = list(csv.DictReader(file, delimiter="\t"))

    def read(self):
        """What stands beside the planes; fails when it is not what the files hold at that voxel."""
        mm, voxel, mean, log_p, label = self.browser.run(
            "['mm', 'voxel', 'mean', 'log-p', 'label'].map((name) => document.getElementById('here-' + name).textContent)")
        check(voxel, "nothing stands beside the planes")
        voxel = tuple(int(v) for v in voxel.split(", "))
        number = int(label) if label != "none" else 0
        check(number == self.atlas[voxel], f"voxel {voxel}: region {label}, in the file {self.atlas[voxel]}")
        for name, shown, image in (("mean", mean, self.mean), ("-log10 p", log_p, self.log_p)):
            check(abs(float(shown) - image[voxel]) <= 1e-3 + 1e-5 * abs(image[voxel]),
                  f"voxel {voxel}: {name} {shown}, in the file {image[voxel]}")
        self.check_course(number)
        return [float(v) for v in mm.split(", ")], voxel, number

    def check_course(self, label):
        drawn = self.browser.run("document.querySelector('#course .signal')?.getAttribute('d') ?? ''")
        if label == 0:
            check(not drawn, "a time course without a region")
            return
        signal = [float(row[f"label_{label}"]) for row in self.signals]
        heights = [float(place.split()[1]) for place in drawn.replace("M", "L").split("L")[1:]]
        check(len(heights) == len(signal), f"{len(heights)} points for {len(signal)} volumes")
        low, high = min(signal), max(signal)
        for height, value in zip(heights, signal):
            check(abs(height - (150 - 135 * (value - low) / (high - low))) <= 0.2, "another time course than in the table")

    def drag(self, start, end, steps=6):
        """Drags over the planes; places are shares of their width and height. Returns what was read on the way."""
        x, y, width, height = self.browser.box("#view-planes")
        self.browser.mouse("mouseMoved", x + start[0] * width, y + start[1] * height)
        self.browser.mouse("mousePressed", x + start[0] * width, y + start[1] * height)
        seen = []
        for i in range(steps + 1):
            share = i / steps
            self.browser.mouse("mouseMoved", x + (start[0] + share * (end[0] - start[0])) * width,
                               y + (start[1] + share * (end[1] - start[1])) * height)
            self.browser.run("new Promise(requestAnimationFrame)")
            seen.append(self.read())
        self.browser.mouse("mouseReleased", x + end[0] * width, y + end[1] * height)
        return seen


    def check_drag(self, start, end, axis):
        """A drag through the planes that moves the cross up along one axis of the world, and along no other."""
        seen = self.drag(start, end)
        places, voxels = [mm for mm, _, _ in seen], {voxel for _, voxel, _ in seen}
        check(all(a[axis] < b[axis] for a, b in zip(places, places[1:])) and len(voxels) > 2,
              f"a drag from {start} to {end} did not move the cross along {'xyz'[axis]}: {places}")
        check(all(len({mm[other] for mm in places}) == 1 for other in range(3) if other != axis),
              f"a drag from {start} to {end} moved the cross not only along {'xyz'[axis]}: {places}")
        return places

    def check_slider(self, name):
        """A click near the right end of a slider changes its number and the planes."""
        before = self.browser.picture("#view-planes")
        text = f"document.getElementById('{name}-value').textContent"
        number = float(self.browser.run(text))
        x, y, width, height = self.browser.box(f"#{name}")
        for kind in ("mousePressed", "mouseReleased"):
            self.browser.mouse(kind, x + 0.95 * width, y + 0.5 * height)
        check(float(self.browser.run(text)) > number, f"the slider {name} stays at {number}")
        self.browser.wait("new Promise(requestAnimationFrame)")
        check(self.browser.picture("#view-planes") != before, f"the slider {name} changes nothing in the planes")

    def check_key(self, key, axis, sign):
        before, _, _ = self.read()
        for kind in ("rawKeyDown", "keyUp"):
            self.browser.call("Input.dispatchKeyEvent", type=kind, key=key, code=key)
        self.browser.wait("new Promise(requestAnimationFrame)")
        after, _, _ = self.read()
        check(sign * (after[axis] - before[axis]) > 0, f"the key {key} moved the cross from {before} to {after}")


def check_view(browser, path, results):
    browser.screen(1200, 900)
    browser.open(path)
    state = "document.getElementById('view-state')"
    browser.wait(f"{state}.hidden || /^(This view needs|The view cannot)/.test({state}.textContent)")
    check(browser.run(f"{state}.hidden"), browser.run(f"{state}.textContent"))
    check("Redistribution and use" in browser.run("document.getElementById('view').textContent"), "no licence of niivue")
    view = View(browser, results)
    browser.run("document.getElementById('view-planes').scrollIntoView({ block: 'center' })")
    home, _, label = view.read()
    check(label > 0, "the view does not begin in a region")

    # From left to right an axial, a coronal and a sagittal plane. Right of the screen is right of the subject.
    across = view.check_drag((0.11, 0.5), (0.23, 0.5), 0)
    upwards = view.check_drag((0.17, 0.65), (0.17, 0.35), 1)
    view.check_drag((0.46, 0.45), (0.56, 0.45), 0)
    view.check_drag((0.5, 0.5), (0.5, 0.3), 2)
    view.check_drag((0.7, 0.4), (0.85, 0.4), 1)
    for key, axis, sign in (("ArrowLeft", 0, -1), ("ArrowRight", 0, 1), ("ArrowUp", 1, 1), ("ArrowDown", 1, -1),
                            ("PageUp", 2, 1), ("PageDown", 2, -1)):
        view.check_key(key, axis, sign)

    # Home again by the mouse, and its time course is there again; outside of all regions there is none.
    def at(place, places, start, end):
        return start + (end - start) * (place - places[0]) / (places[-1] - places[0])

    for _ in range(30):
        mm, _, _ = view.read()
        if abs(mm[2] - home[2]) < 1:
            break
        view.check_key("PageDown" if mm[2] > home[2] else "PageUp", 2, -1 if mm[2] > home[2] else 1)
    target = (at(home[0], [mm[0] for mm in across], 0.11, 0.23), at(home[1], [mm[1] for mm in upwards], 0.65, 0.35))
    seen = view.drag((0.17, 0.2), target)
    check(seen[0][2] == 0 and seen[-1][2] == label, f"the drag home ends in region {seen[-1][2]}, not in {label}")

    for name in ("threshold", "map-opacity", "atlas-opacity"):
        view.check_slider(name)

    # A finger on a phone.
    browser.screen(390, 800, phone=True)
    browser.call("Emulation.setTouchEmulationEnabled", enabled=True, maxTouchPoints=1)
    browser.open(path)
    browser.wait(f"{state}.hidden")
    browser.run("document.getElementById('view-planes').scrollIntoView({ block: 'center' })")
    x, y, width, height = browser.box("#view-planes")
    scrolled = browser.run("scrollY")
    before, _, _ = view.read()
    for kind, share in (("touchStart", 0.15), ("touchMove", 0.2), ("touchMove", 0.25), ("touchMove", 0.3), ("touchEnd", None)):
        points = [] if share is None else [{"x": x + share * width, "y": y + 0.25 * height}]
        browser.call("Input.dispatchTouchEvent", type=kind, touchPoints=points)
        browser.wait("new Promise(requestAnimationFrame)")
    after, _, _ = view.read()
    check(after[0] != before[0], f"the cross does not follow a finger: {before}, {after}")
    check(browser.run("scrollY") == scrolled, "the page scrolls under a finger that drags the cross")
    complaints = browser.complaints()
    check(not complaints, f"{path}: {complaints}")


def main():
    browser = Browser(sys.argv[1])
    try:
        check_page(browser, sys.argv[2])
        if len(sys.argv) > 3:
            check_view(browser, sys.argv[2], sys.argv[3])
    finally:
        browser.close()


if __name__ == "__main__":
    main()
