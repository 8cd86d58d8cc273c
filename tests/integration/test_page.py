"""The page in headless Chromium against the embedded cloud, with real photos: all its owner does there."""

import base64
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Route, expect, sync_playwright

from infra.local.endpoints import Endpoints
from shared.cli.cloud import addresses

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ROOT = Path(__file__).parents[2]
PHOTOS = ROOT / "events" / "photos"
PORTRAITS = tuple(path.name for path in sorted(PHOTOS.glob("*.jpg")) if not path.name.startswith("coco_"))
FOR_PEOPLE = bool(os.environ.get("EYE_SCREENSHOTS"))  # pictures of a full library, on a full map
SCENES = None if FOR_PEOPLE else 16
PLACES = ((48.86, 2.29), (45.76, 4.84), (52.37, 4.9), (41.9, 12.48), (55.67, 12.57), (47.05, 8.3))
PLACES = PLACES if FOR_PEOPLE else PLACES[:1]
SECOND = 1_000
MINUTE = 60 * SECOND
expect.set_options(timeout=20 * SECOND)  # two cores, shared with the models and a training

pytestmark = [
    pytest.mark.cloud,
    pytest.mark.models,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def complaints() -> list[str]:
    """What the browser complained of: errors of scripts, refusals of the content security policy."""
    return []


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def page(browser: Browser, cloud: Endpoints, complaints: list[str]) -> Page:
    page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="dark")
    page.set_default_timeout(20 * SECOND)

    def hear(message: ConsoleMessage) -> None:
        # Asking for a photo that is not analyzed yet answers 404, which the browser notes, too.
        if message.type == "error" and "404" not in message.text:
            complaints.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{cloud.api_url}#token={cloud.token}")
    expect(page.get_by_role("link", name="Photos", exact=True)).to_be_visible()
    return page


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: `$EYE_SCREENSHOTS`, to renew those of the README, or a folder soon gone."""
    folder = Path(os.environ.get("EYE_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def scenes() -> list[Path]:
    return sorted(PHOTOS.glob("coco_*.jpg"))[:SCENES]


def go(page: Page, to: str) -> None:
    page.evaluate("to => { location.hash = to }", to)


def shoot(page: Page, pictures: Path, name: str) -> None:
    page.evaluate("document.getElementById('toasts').replaceChildren()")
    page.wait_for_timeout(600)
    page.screenshot(path=str(pictures / f"{name}.jpg"), type="jpeg", quality=82)


def drop(page: Page, *paths: Path) -> None:
    """Drop files on the page as a person does."""
    files = [
        {"name": path.name, "body": base64.b64encode(path.read_bytes()).decode(), "type": "image/jpeg"}
        for path in paths
    ]
    page.evaluate(
        """files => {
            const data = new DataTransfer();
            for (const {name, body, type} of files) {
                const bytes = Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
                data.items.add(new File([bytes], name, {type}));
            }
            dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
        }""",
        files,
    )


def ask(page: Page, cloud: Endpoints, path: str) -> Any:
    """What the API answers to the page's owner."""
    return page.request.get(
        f"{cloud.api_url}{path}", headers={"Authorization": f"Bearer {cloud.token}"}
    ).json()


def undo(page: Page) -> None:
    """Take back what was just said, with the button of its message."""
    page.locator(".toast").last.get_by_role("button", name="Undo").click()
    expect(page.locator(".toast").last).to_contain_text("Taken back")


def open_photo(page: Page, query: str) -> None:
    """Search, and open the first photo found."""
    page.get_by_role("combobox", name="Search photos").fill(query)
    page.keyboard.press("Enter")
    expect(page.locator(".head .about")).to_have_text(query)
    page.locator(".tile a").first.click()
    expect(page.locator(".side .sentence")).to_be_visible()


def test_without_a_token_nothing_but_the_page_is_served(page: Page, cloud: Endpoints) -> None:
    for path, status in (
        ("", 200),
        ("page/app.js", 200),
        ("sign-in", 200),
        ("photos", 401),
        ("openapi.json", 401),
    ):
        assert page.request.get(cloud.api_url + path).status == status, path
    assert page.context.cookies() == []
    assert "token" not in page.url


def test_the_addresses_that_others_script_against(page: Page, cloud: Endpoints) -> None:
    given = addresses(cloud)
    assert set(given) == {"endpoint", "page", "api", "token", "uploads_bucket"}
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", given["endpoint"])
    assert given["page"] == f"{given['api']}/#token={given['token']}"
    assert given["api"].startswith(f"{given['endpoint']}/")
    answer = page.request.get(
        f"{given['api']}/openapi.json", headers={"Authorization": f"Bearer {given['token']}"}
    )
    assert answer.json()["openapi"].startswith("3.")


def test_the_page_is_light(page: Page, cloud: Endpoints) -> None:
    folder = ROOT / "functions" / "api" / "page"
    sizes = {}
    for path in folder.glob("*.js"):
        answer = page.request.get(f"{cloud.api_url}page/{path.name}", headers={"Accept-Encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip"
        sizes[path.name] = len(answer.body())
    assert sum(sizes.values()) < 150_000
    page.reload()  # without its token the page asks for one: nothing was kept
    expect(page.get_by_role("dialog", name="Sign in")).to_be_visible()
    page.get_by_label("Token").fill(cloud.token)
    page.keyboard.press("Enter")
    expect(page.locator(".head")).to_be_visible()
    paints = page.evaluate("performance.getEntriesByName('first-contentful-paint').map((e) => e.startTime)")
    assert paints
    print(f"first contentful paint after {paints[0]:.0f} ms")


def test_dropped_photos_are_analyzed_and_appear(page: Page, pictures: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 this is no photo")

    drop(page, *scenes(), *(PHOTOS / name for name in PORTRAITS))
    expect(page.locator(".progress")).to_contain_text("added", timeout=6 * MINUTE)
    page.locator("#files").set_input_files(str(broken))
    expect(page.locator(".progress").last).to_contain_text("broken.jpg: The file ends", timeout=MINUTE)

    expect(page.locator(".tile img.there").first).to_be_visible()
    assert page.locator(".tile").count() >= 10
    go(page, "#/library")
    expect(page.get_by_role("heading", name="Not readable")).to_be_visible()
    expect(page.locator(".list .note").first).to_contain_text("upload it")
    go(page, "#/photos")
    expect(page.locator(".tile img.there").nth(8)).to_be_visible()
    shoot(page, pictures, "photos")


def test_suggestions_while_typing_and_hits_that_say_why(page: Page, pictures: Path) -> None:
    box = page.get_by_role("combobox", name="Search photos")
    box.click()
    box.press_sequentially("din")
    expect(page.get_by_role("option").first).to_contain_text("dining table")
    shoot(page, pictures, "suggestions")
    box.fill("cake")
    box.press("Enter")
    expect(page.locator(".head .about")).to_have_text("cake")
    expect(page.locator(".tile .why").first).to_contain_text("cake")
    shoot(page, pictures, "search")
    box.fill("xyzzy plugh")
    box.press("Enter")
    expect(page.locator(".empty")).to_contain_text("Nothing matches")


def test_corrections_show_at_once_and_can_be_taken_back(page: Page) -> None:
    open_photo(page, "cake")
    tags = page.get_by_role("list", name="Tags", exact=True)

    page.get_by_label("Add a tag").fill("family party")
    page.keyboard.press("Enter")
    expect(tags).to_contain_text("family party")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Rewrite the description").click()
    page.get_by_label("Description", exact=True).fill("Grandma's birthday at home")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".sentence")).to_have_text("Grandma's birthday at home")
    page.get_by_role("button", name="Remove the tag cake").click()
    expect(tags.get_by_text("cake", exact=True)).to_have_count(0)

    page.locator("body").press("z")
    expect(tags.get_by_text("cake", exact=True)).to_have_count(1)
    page.get_by_role("combobox", name="Search photos").fill('tag:"family party"')
    page.keyboard.press("Enter")
    expect(page.locator(".tile")).to_have_count(1)


def test_suggestions_are_accepted_and_dismissed_with_one_key(page: Page, cloud: Endpoints) -> None:
    listed = (one["photo_id"] for one in ask(page, cloud, "photos")["photos"])
    photo = next(one for i in listed if len((one := ask(page, cloud, f"photos/{i}"))["suggestions"]) > 1)
    first, second = (one["tag"] for one in photo["suggestions"][:2])
    go(page, f"#/photo/{photo['photo_id']}")
    tags = page.get_by_role("list", name="Tags", exact=True)
    suggested = page.get_by_role("list", name="Suggested tags")
    expect(suggested.get_by_text(first, exact=True)).to_be_visible()

    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(tags.locator(".owner").get_by_text(first, exact=True)).to_be_visible()
    expect(suggested.get_by_text(first, exact=True)).to_have_count(0)
    page.keyboard.press("x")
    expect(suggested.get_by_text(second, exact=True)).to_have_count(0)
    expect(page.locator(".history")).to_contain_text(f"dismissed {second}")

    page.keyboard.press("z")
    expect(suggested.get_by_text(second, exact=True)).to_be_visible()
    assert ask(page, cloud, f"photos/{photo['photo_id']}")["owner"]["dismissed"] == []
    page.keyboard.press("Escape")
    expect(page.locator(".viewer")).to_have_count(0)


def test_a_script_in_a_tag_is_shown_as_text(page: Page) -> None:
    script = "<img src=x onerror=alert(1)>"
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    open_photo(page, "dog")
    page.get_by_label("Add a tag").fill(script)
    page.keyboard.press("Enter")
    tags = page.get_by_role("list", name="Tags", exact=True)
    expect(tags.get_by_text(script)).to_be_visible()
    page.get_by_role("button", name=f"Remove the tag {script}").click()
    expect(tags.get_by_text(script)).to_have_count(0)
    assert dialogs == []


def test_many_photos_are_corrected_at_once(page: Page) -> None:
    go(page, "#/photos")
    expect(page.locator(".tile").nth(2)).to_be_visible()
    for at in range(3):
        page.locator(".pick").nth(at).click(force=True)
    expect(page.locator(".selection")).to_contain_text("3 photos selected")
    page.locator(".selection").get_by_role("button", name="Add a tag").click()
    page.get_by_label("Tag", exact=True).fill("to print")
    page.keyboard.press("Enter")
    expect(page.locator(".toast").last).to_contain_text("3 photos corrected")
    go(page, f"#/photos?{'tag=to print'}")
    expect(page.locator(".tile")).to_have_count(3)


def test_a_face_is_named_on_its_photo(page: Page, pictures: Path) -> None:
    open_photo(page, "tag:president")
    page.locator(".on-photo").get_by_role("button", name=re.compile("Name|Change")).first.click()
    page.get_by_label("Name", exact=True).fill("Barack H. Obama")
    page.keyboard.press("Enter")
    expect(page.locator(".on-photo").get_by_role("link", name="Barack H. Obama")).to_be_visible()
    expect(page.locator(".framed.named").first).to_be_visible()
    shoot(page, pictures, "photo")
    go(page, "#/people")
    expect(page.get_by_role("button", name="Barack H. Obama")).to_be_visible()


def test_a_section_left_before_its_answer_came_does_not_draw_over_the_next(page: Page) -> None:
    go(page, "#/library")
    expect(page.get_by_role("heading", name="Not readable")).to_be_visible()
    held: list[Route] = []
    page.route("**/people/questions", lambda route: held.append(route))
    with page.expect_request("**/people/questions"):
        go(page, "#/people")
    go(page, "#/training")
    train = page.get_by_role("button", name="Train now")
    expect(train).to_be_visible()
    with suppress(Error):  # the page may have given its question up
        held[0].continue_()
    page.unroute("**/people/questions")
    page.wait_for_timeout(SECOND)
    expect(train).to_be_visible()
    expect(page.get_by_role("heading", name="People")).to_have_count(0)
    expect(page.locator("main")).not_to_have_attribute("aria-busy", "true")


def test_a_training_is_followed_live_and_its_report_read(page: Page, pictures: Path) -> None:
    go(page, "#/training")
    page.get_by_role("button", name="Train now").click()
    expect(page.locator(".phases .running, .phases .done").first).to_be_visible(timeout=MINUTE)
    shoot(page, pictures, "learning")
    expect(page.locator(".phases .done")).to_have_count(7, timeout=5 * MINUTE)
    expect(page.get_by_role("heading", name="What it brought")).to_be_visible(timeout=MINUTE)
    expect(page.locator(".figure").first).to_be_visible()
    expect(page.locator(".next .facts")).to_contain_text(re.compile("Starts|Looks again"))
    shoot(page, pictures, "training")
    if page.locator(".bundles li.live").count() == 0:  # the gate refused what so few photos taught
        page.get_by_role("button", name="Make it live").first.click()
    expect(page.locator(".bundles li.live")).to_be_visible()


def test_a_question_about_people_is_answered_and_taken_back(page: Page, pictures: Path) -> None:
    go(page, "#/people")
    question = page.locator(".question")
    expect(question).to_be_visible()
    shoot(page, pictures, "people")
    before = question.locator("small").inner_text()
    question.get_by_role("button", name=re.compile("^No, ")).click()
    expect(page.locator(".toast").last).to_contain_text("Noted: ")
    page.get_by_role("link", name="Show hidden people").click()
    expect(page.get_by_role("link", name="Leave hidden people out")).to_be_visible()
    undo(page)  # of a section that was left
    expect(question.locator("small")).to_have_text(before)
    page.get_by_role("link", name="Leave hidden people out").click()
    expect(page.get_by_role("link", name="Show hidden people")).to_be_visible()


def test_people_are_merged_and_parted_again(page: Page) -> None:
    people = page.locator(".people li")
    before = people.count()
    for name in ("Obama", "Biden"):
        people.filter(has_text=name).get_by_role("checkbox").check()
    page.get_by_role("button", name="Same person: merge").click()
    expect(page.locator(".toast").last).to_contain_text("Merged into")
    expect(people).to_have_count(before - 1)
    undo(page)
    expect(people).to_have_count(before)


def test_a_face_is_said_to_be_somebody_elses(page: Page, pictures: Path) -> None:
    page.locator(".people li").filter(has_text="Obama").locator("a").click()
    faces = page.locator(".faces-of li")
    expect(faces.nth(1)).to_be_visible()
    shoot(page, pictures, "person")
    before = faces.count()
    faces.last.get_by_role("button", name="Not this person").click()
    expect(faces).to_have_count(before - 1)
    undo(page)
    expect(faces).to_have_count(before)


def test_people_are_hidden_and_shown_again(page: Page) -> None:
    page.get_by_role("button", name="Hide").click()
    expect(page.locator(".toast").last).to_contain_text("Hidden")
    go(page, "#/people")
    expect(page.locator(".people li").filter(has_text="Obama")).to_have_count(0)
    go(page, "#/people?hidden=1")
    page.locator(".people li").filter(has_text="Obama").get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Show again").click()
    expect(page.locator(".people li").filter(has_text="hidden")).to_have_count(0)


def test_what_was_learned_changes_photos_and_can_be_rolled_back(page: Page, cloud: Endpoints) -> None:
    go(page, "#/training")
    page.get_by_role("button", name="Bring all photos to the live bundle").click()
    expect(page.locator(".toast").last).to_contain_text("brought up")
    live = page.locator(".bundles li.live code").inner_text()
    listed = ask(page, cloud, "photos")["photos"]

    def bundle() -> str:
        return str(ask(page, cloud, f"photos/{listed[0]['photo_id']}")["bundle"])

    for _ in range(120):
        if bundle() == live:
            break
        page.wait_for_timeout(500)
    assert bundle() == live

    page.get_by_role("button", name="Train now").click()
    expect(page.locator(".bundles li")).to_have_count(2, timeout=5 * MINUTE)
    expect(page.get_by_role("button", name="Train now")).to_be_enabled(timeout=5 * MINUTE)
    other = page.locator(".bundles li.published").first
    version = other.locator("code").inner_text()
    other.get_by_role("button", name="Make it live").click()
    expect(page.locator(".bundles li.live code")).to_have_text(version)


def test_the_map_shows_photos_where_they_were_taken(page: Page, pictures: Path, tmp_path: Path) -> None:
    from PIL import Image

    paths = []
    for number, (source, (latitude, longitude)) in enumerate(zip(scenes(), PLACES, strict=False)):
        paths.append(tmp_path / f"{number}.jpg")
        with Image.open(source) as image:
            exif = image.getexif()
            exif.get_ifd(0x8825).update({1: "N", 2: (latitude, 0.0, 0.0), 3: "E", 4: (longitude, 0.0, 0.0)})
            image.save(paths[-1], exif=exif)
    drop(page, *paths)
    added = f"{len(PLACES)} photo{'s' if len(PLACES) > 1 else ''} added"
    expect(page.locator(".progress").last).to_contain_text(added, timeout=MINUTE)
    go(page, "#/map")
    expect(page.locator(".mark .where").first).to_contain_text("Paris")
    expect(page.locator(".land")).to_have_attribute("d", re.compile("^M.*Z$"))
    page.locator(".mark").first.click()
    expect(page.locator(".strip-of img").first).to_be_visible()
    shoot(page, pictures, "map")


@pytest.mark.parametrize(
    "section", ["photos", "photos?q=cake", "people", "person", "map", "training", "library", "photo"]
)
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing_serious(page: Page, cloud: Endpoints, section: str, scheme: str) -> None:
    page.evaluate("scheme => { document.documentElement.dataset.theme = scheme }", scheme)
    if section == "photo":
        open_photo(page, "tag:president")
    elif section == "person":
        go(page, f"#/person/{ask(page, cloud, 'people')['people'][0]['person_id']}")
        expect(page.locator(".faces-of")).to_be_visible()
    else:
        go(page, f"#/{section}")
        expect(page.locator("h1")).to_be_visible()
    page.wait_for_timeout(500)
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert not serious, json.dumps(
        [(one["id"], [n["html"] for n in one["nodes"]][:3]) for one in serious], indent=1
    )


def test_a_phone_shows_it_all(page: Page, pictures: Path) -> None:
    page.evaluate("delete document.documentElement.dataset.theme")
    page.set_viewport_size({"width": 390, "height": 844})
    go(page, "#/photos")
    expect(page.locator(".tile img.there").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shoot(page, pictures, "phone")


def test_nothing_was_refused_by_the_content_security_policy(complaints: list[str]) -> None:
    assert complaints == []
