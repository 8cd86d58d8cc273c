"""How much the page weighs, and when something of use is first painted, on loopback."""

import gzip
import shutil
from collections.abc import Iterator
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from functions.api.page_files import FILES
from tests.page_server import page_served

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LOADS = 5
SCRIPT_PROMISE, PAINT_PROMISE = 150_000, 1_000
PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="
IDS = [f"{number:032x}" for number in range(300)]
ANSWERS: dict[str, object] = {
    "/photos": {
        "photos": [{"photo_id": one, "key": one, "width": 4, "height": 3, "description": one} for one in IDS],
        "cursor": None,
        "total": len(IDS),
    },
    "/thumbnails": {"thumbnails": dict.fromkeys(IDS, PIXEL)},
}


def rows() -> Iterator[tuple[str, ...]]:
    """A line a figure, for the table."""
    sizes = {name: len(gzip.compress(path.read_bytes(), mtime=0)) for name, path in FILES.items()}
    script = sum(size for name, size in sizes.items() if name.endswith(".js"))
    yield "all scripts, compressed", f"{script / 1_000:.1f} kB", f"{SCRIPT_PROMISE / 1_000:.0f} kB"
    yield "all files, compressed", f"{sum(sizes.values()) / 1_000:.1f} kB", ""
    if CHROMIUM is None:
        yield "first paint", "skipped: Chromium is not installed", ""
        return
    with page_served(ANSWERS) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        paints = [_paint(browser, address) for _ in range(LOADS)]
        browser.close()
    promised = f"{PAINT_PROMISE} ms"
    first, drawn = (median(times) for times in zip(*paints, strict=True))
    yield "first contentful paint, cold", f"{first:.0f} ms", promised
    yield "first photos drawn", f"{drawn:.0f} ms", promised


def _paint(browser: Browser, address: str) -> tuple[float, float]:
    """Milliseconds until the first paint of content, and until the first photo is drawn, nothing cached."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{address}#token=any")
    page.wait_for_selector(".tile img.there")
    drawn = page.evaluate("performance.now()")
    first = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    page.context.close()
    return first, drawn
