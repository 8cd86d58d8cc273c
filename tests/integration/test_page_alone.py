"""The page in headless Chromium with made-up answers: 50,000 photos, and signing in with a provider."""

import base64
import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from tests.page_server import page_served

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PHOTOS = 50_000
BURST = 7
MOST_TILES = 300
PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with page_served() as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(20_000)
    yield page
    page.close()


def card(number: int) -> dict[str, object]:
    return {
        "photo_id": f"{number:032x}",
        "key": f"{number}.jpg",
        "status": "analyzed",
        "width": 400 + 100 * (number % 5),
        "height": 400,
        "at": "2026-01-02T03:04:05Z",
        "description": f"Photo {number}",
        "tags": [],
        "faces": 0,
        "also": [f"{number + PHOTOS:032x}"] if number == BURST else [],
    }


def list_photos(route: Route) -> None:
    """A page of the list, as the API gives it; the cursor is a number here."""
    asked = parse_qs(urlsplit(route.request.url).query)
    start, limit = int(asked.get("cursor", ["0"])[0]), int(asked["limit"][0])
    end = min(start + limit, PHOTOS)
    cursor = str(end) if end < PHOTOS else None
    route.fulfill(json={"photos": [card(n) for n in range(start, end)], "cursor": cursor, "total": PHOTOS})


def find_thumbnails(route: Route) -> None:
    ids = parse_qs(urlsplit(route.request.url).query)["ids"][0].split(",")
    route.fulfill(json={"thumbnails": dict.fromkeys(ids, PIXEL)})


@pytest.fixture
def grid(page: Page, address: str) -> Page:
    page.route("**/photos?*", list_photos)
    page.route("**/thumbnails?*", find_thumbnails)
    page.goto(f"{address}#token=any")
    expect(page.locator("h1")).to_contain_text("50,000 photos")
    return page


def test_a_grid_of_50_000_photos_draws_what_is_in_sight_and_scrolls_to_its_end(grid: Page) -> None:
    last = grid.get_by_role("link", name=f"Photo {PHOTOS - 1}", exact=True)
    most = 0
    for _ in range(200):
        grid.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        grid.wait_for_timeout(30)
        most = max(most, grid.locator(".tile").count())
        if last.count():
            break
    expect(last).to_be_in_viewport()
    assert most < MOST_TILES
    assert grid.evaluate("document.querySelectorAll('*').length") < 10 * MOST_TILES

    for share in (0.5, 0.25, 0.75, 0.0):
        grid.evaluate("share => scrollTo(0, share * document.documentElement.scrollHeight)", share)
        expect(grid.locator(".tile img.there").first).to_be_attached()
        expect(grid.locator(".tile").nth(5)).to_be_attached()
        assert grid.locator(".tile").count() < MOST_TILES
    expect(grid.get_by_role("link", name="Photo 0", exact=True)).to_be_in_viewport()


def test_the_arrow_keys_go_from_photo_to_photo(grid: Page) -> None:
    grid.get_by_role("link", name="Photo 0", exact=True).focus()
    for number in range(1, 40):
        grid.keyboard.press("ArrowRight")
        expect(grid.get_by_role("link", name=f"Photo {number}", exact=True)).to_be_focused()
    expect(grid.get_by_role("link", name="Photo 39", exact=True)).to_be_in_viewport()


def test_a_burst_is_one_tile_and_is_selected_whole(grid: Page) -> None:
    tile = grid.locator(f'.tile[data-at="{BURST}"]')
    expect(tile.locator(".also")).to_have_text("+1")
    tile.locator(".pick").click(force=True)
    expect(grid.locator(".selection")).to_contain_text("2 photos selected")
    grid.keyboard.press("Escape")
    expect(grid.locator(".selection")).to_be_hidden()


PHOTO = {
    **card(0),
    "size": 1_000,
    "format": "JPEG",
    "faces": [],
    "notes": [],
    "suggestions": [{"tag": "sea", "source": "model", "score": 0.4, "why": ""}],
    "original_url": PIXEL,
    "thumbnail_url": PIXEL,
}


def test_a_correction_is_taken_back_though_the_history_is_late(page: Page, address: str) -> None:
    said: list[tuple[str, object]] = []
    late: list[Route] = []

    def correct(route: Route) -> None:
        body = route.request.post_data_json
        said.append((urlsplit(route.request.url).path, body))
        ids = [f"correction-{len(said)}"]
        route.fulfill(
            json={"photos": [{"photo_id": PHOTO["photo_id"], "correction_ids": ids, "photo": PHOTO}]}
        )

    page.route("**/photos?*", list_photos)
    page.route("**/thumbnails?*", find_thumbnails)
    page.route("**/similar?*", lambda route: route.fulfill(json={"hits": []}))
    page.route(f"**/photos/{PHOTO['photo_id']}", lambda route: route.fulfill(json=PHOTO))
    page.route("**/corrections", correct)
    page.route("**/corrections/undo", correct)
    page.route(f"**/photos/{PHOTO['photo_id']}/corrections", lambda route: late.append(route))
    page.goto(f"{address}#token=any")
    page.evaluate("id => { location.hash = `#/photo/${id}` }", PHOTO["photo_id"])
    expect(page.get_by_role("list", name="Suggested tags")).to_be_visible()

    with page.expect_response("**/corrections"):
        page.keyboard.press("a")
    late[0].fulfill(json={"corrections": []})
    with page.expect_response("**/corrections/undo"):
        page.keyboard.press("z")

    assert [path for path, _ in said] == ["/corrections", "/corrections/undo"]
    assert said[1][1] == {"corrections": [{"photo_id": PHOTO["photo_id"], "correction_id": "correction-1"}]}


class Provider:
    """An identity provider that remembers a challenge and checks its verifier (RFC 7636)."""

    def __init__(self, page: Page, address: str) -> None:
        self.address = address
        self.asked: dict[str, str] = {}
        self.tokens_given = 0
        self.refused = 0
        settings = {
            "kind": "oidc",
            "client_id": "the-page",
            "authorize_url": f"{address}provider/authorize",
            "token_url": f"{address}provider/token",
        }
        page.route("**/sign-in", lambda route: route.fulfill(json=settings))
        page.route("**/provider/authorize?*", self.authorize)
        page.route("**/provider/token", self.give)
        page.route("**/photos?*", self.serve)

    def authorize(self, route: Route) -> None:
        self.asked = {name: value[0] for name, value in parse_qs(urlsplit(route.request.url).query).items()}
        to = f"{self.asked['redirect_uri']}?code=one-time&state={self.asked['state']}"
        route.fulfill(content_type="text/html", body=f'<meta http-equiv="refresh" content="0;url={to}">')

    def give(self, route: Route) -> None:
        form = {name: value[0] for name, value in parse_qs(route.request.post_data or "").items()}
        if form["grant_type"] == "authorization_code":
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
            assert (form["code"], challenge) == ("one-time", self.asked["code_challenge"])
            assert form["redirect_uri"] == self.asked["redirect_uri"]
        else:
            assert (form["grant_type"], form["refresh_token"]) == ("refresh_token", "again")
        assert form["client_id"] == "the-page"
        self.tokens_given += 1
        token = {"access_token": f"token-{self.tokens_given}", "refresh_token": "again"}
        route.fulfill(json=token, headers={"Access-Control-Allow-Origin": "*"})

    def serve(self, route: Route) -> None:
        """Take the second token alone, as if the first had run out."""
        if route.request.headers["authorization"] == "Bearer token-2":
            list_photos(route)
            return
        self.refused += 1
        route.fulfill(status=401, content_type="application/problem+json", body=json.dumps({"detail": "old"}))


def test_signing_in_takes_a_code_with_pkce_and_renews_the_token(page: Page, address: str) -> None:
    provider = Provider(page, address)
    page.route("**/thumbnails?*", find_thumbnails)

    page.goto(f"{address}#/photos")

    expect(page.locator("h1")).to_contain_text("50,000 photos")
    assert provider.asked["response_type"] == "code"
    assert provider.asked["code_challenge_method"] == "S256"
    assert provider.asked["scope"] == "openid"
    assert (provider.refused, provider.tokens_given) == (1, 2)
    assert re.fullmatch(rf"{re.escape(address)}#/photos", page.url), "the code is out of the address"
    kept = page.evaluate("JSON.stringify([sessionStorage, localStorage, document.cookie])")
    assert "token-" not in kept
    assert "pkce" not in kept


def test_an_answer_to_somebody_elses_question_signs_nobody_in(page: Page, address: str) -> None:
    provider = Provider(page, address)
    page.add_init_script(
        """if (location.search.includes("state=forged"))
            sessionStorage.setItem("pkce", JSON.stringify({verifier: "v", state: "mine", hash: ""}));"""
    )
    page.route("**/provider/authorize?*", lambda route: route.fulfill(body="Sign in, please"))

    page.goto(f"{address}?code=stolen&state=forged")

    expect(page.get_by_text("Sign in, please")).to_be_visible()
    assert provider.tokens_given == 0
