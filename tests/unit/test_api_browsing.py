"""The warm reader: lists in order, cursors that survive changes, filters, and photos that come and go."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.catalogue import Card
from shared.domain.errors import InvalidInput
from shared.domain.record import Status
from shared.services.browsing import Cards, Filter, Library, read_cursor, write_cursor
from shared.storage.records import RecordRepository
from shared.storage.store import DirectoryStore
from tests.unit.api_records import NOW, record

ALL = Filter()


def card(number: int, at: float = 0.0, **changed: object) -> Card:
    made = Card(f"{number:032x}", f"{number}.jpg", Status.ANALYZED, "e", at)
    return replace(made, **changed)  # type: ignore[arg-type]


def pages(cards: Cards, limit: int) -> Iterator[Card]:
    cursor = None
    while True:
        page = cards.page(ALL, cursor, limit)
        yield from page.cards
        if (cursor := page.cursor) is None:
            return


@given(
    st.lists(st.tuples(st.integers(0, 60), st.sampled_from([0.0, 1.0, 1.5, 7.0])), max_size=60),
    st.integers(1, 9),
)
def test_pages_give_every_photo_once_newest_first(given_photos: list[tuple[int, float]], limit: int) -> None:
    cards = Cards()
    cards.put(card(number, at) for number, at in given_photos)
    latest = dict(given_photos)
    listed = list(pages(cards, limit))
    assert [one.photo_id for one in listed] == [
        f"{number:032x}" for number, at in sorted(latest.items(), key=lambda item: (-item[1], item[0]))
    ]


def test_a_cursor_goes_on_where_it_was_though_photos_came_and_went() -> None:
    cards = Cards()
    cards.put(card(number, at=float(number)) for number in range(10))
    first = cards.page(ALL, None, 3)
    cards.put([card(99, at=100.0), card(7, at=7.0, status=Status.DELETED)])
    second = cards.page(ALL, first.cursor, 3)
    assert [one.at for one in first.cards] == [9.0, 8.0, 7.0]
    assert [one.at for one in second.cards] == [6.0, 5.0, 4.0]


@given(st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=32))
def test_a_cursor_says_a_place(at: float, photo_id: str) -> None:
    assert read_cursor(write_cursor((at, photo_id))) == (at, photo_id)


@pytest.mark.parametrize(
    "text", ["x", "%%%", "bm9wZQ", "W10", "WyJhIiwgMV0", "W05hTiwgImEiXQ", "é", "a" * 3000]
)
def test_a_malformed_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="cursor"):
        read_cursor(text)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(tags=("Beach",)), True),
        (Filter(tags=("beach", "dog")), False),
        (Filter(place="lisb"), True),
        (Filter(place="Porto"), False),
        (Filter(camera="x100"), True),
        (Filter(after=date(2024, 5, 1), before=date(2024, 5, 2)), True),
        (Filter(before=date(2024, 5, 1)), False),
        (Filter(after=date(2024, 5, 2)), False),
        (Filter(faces=True), False),
        (Filter(located=True), True),
        (Filter(status=Status.QUARANTINED), False),
        (Filter(among=(frozenset({f"{1:032x}"}),)), True),
        (Filter(among=(frozenset(),)), False),
    ],
)
def test_a_filter_takes_what_meets_all_of_it(wanted: Filter, found: bool) -> None:
    taken = datetime(2024, 5, 1, 23, 59, tzinfo=UTC).timestamp()
    shown = card(
        1, taken, tags=("beach", "sea"), place="Lisbon, Portugal", camera="Fujifilm X100V", latitude=38.7
    )
    assert wanted(shown) is found


def test_a_warm_reader_hears_of_new_changed_and_deleted_photos(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    clock = {"now": NOW, "ticks": 0.0}
    records = RecordRepository(store, now=lambda: clock["now"])  # type: ignore[arg-type,return-value]
    records.update("a" * 32, lambda _: record("a" * 32))
    library = Library(
        store,
        records,
        seconds=1.0,
        now=lambda: datetime.now(UTC),
        clock=lambda: float(clock["ticks"]),  # type: ignore[arg-type]
    )
    assert [one.photo_id for one in library.cards()] == ["a" * 32]

    clock["now"] = datetime.now(UTC) + timedelta(seconds=1)
    records.update("b" * 32, lambda _: record("b" * 32))
    assert len(library.cards()) == 1, "an answer may be a second old"
    clock["ticks"] = 2.0
    assert {one.photo_id for one in library.cards()} == {"a" * 32, "b" * 32}

    clock["ticks"] = 4.0
    records.update("a" * 32, lambda known: replace(known, status=Status.DELETED) if known else None)
    assert [one.photo_id for one in library.cards()] == ["b" * 32]

    records.update("c" * 32, lambda _: record("c" * 32))
    library.look_again()
    assert len(library.cards()) == 2, "unless one of the moment is asked for"
