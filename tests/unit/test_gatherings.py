"""Season, part of the day and occasion of a date; photos grouped into events."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.gatherings import Moment, gatherings
from shared.domain.occasions import occasion, part_of_day, season, when

NOON = datetime(2024, 7, 6, 12)


@pytest.mark.parametrize(
    ("month", "latitude", "name"),
    [
        (1, 48.0, "winter"),
        (4, 48.0, "spring"),
        (7, 48.0, "summer"),
        (10, 48.0, "autumn"),
        (12, 48.0, "winter"),
        (1, -33.0, "summer"),
        (7, -33.0, "winter"),
        (7, 1.3, None),
        (7, None, None),
    ],
)
def test_a_season_turns_with_the_hemisphere(month: int, latitude: float | None, name: str | None) -> None:
    assert season(datetime(2024, month, 15), latitude) == name


@pytest.mark.parametrize(
    ("hour", "name"), [(3, "night"), (6, "morning"), (13, "afternoon"), (18, "evening"), (23, "night")]
)
def test_the_part_of_the_day_follows_the_hour(hour: int, name: str) -> None:
    assert part_of_day(datetime(2024, 7, 6, hour)) == name


def test_a_day_that_everybody_keeps_has_a_name() -> None:
    assert occasion(datetime(2024, 12, 25)) == "Christmas Day"
    assert occasion(datetime(2024, 12, 23)) is None


@pytest.mark.parametrize(
    ("taken_at", "latitude", "phrase"),
    [
        (datetime(2024, 7, 6, 18), 48.0, "on a summer evening in July 2024"),
        (datetime(2024, 7, 6, 18), None, "on an evening in July 2024"),
        (datetime(2024, 10, 6, 9), 48.0, "on an autumn morning in October 2024"),
        (datetime(2024, 12, 24, 19), 48.0, "on Christmas Eve 2024, in the evening"),
        (datetime(2024, 12, 31, 23, 59), 48.0, "on New Year's Eve 2024, at night"),
        (datetime(2024, 7, 6), 48.0, "in July 2024"),
    ],
)
def test_a_time_is_told_in_peoples_words(taken_at: datetime, latitude: float | None, phrase: str) -> None:
    assert when(taken_at, latitude) == phrase


def moment(number: int, hours: float, *people: str, place: str | None = None) -> Moment:
    return Moment(f"{number:032x}", NOON + timedelta(hours=hours), frozenset(people), place)


def test_a_long_pause_ends_an_event() -> None:
    found = gatherings([moment(0, 0, "Ann"), moment(1, 0.5, "Ben"), moment(2, 9, "Ann")])
    assert [len(one.moments) for one in found] == [2, 1]


def test_after_a_short_pause_the_same_people_go_on_and_others_begin_anew() -> None:
    same = gatherings([moment(0, 0, "Ann"), moment(1, 3, "Ann", "Ben")])
    others = gatherings([moment(0, 0, "Ann"), moment(1, 3, "Cem")])
    assert (len(same), len(others)) == (1, 2)


def test_without_people_the_place_decides() -> None:
    near = gatherings([moment(0, 0, place="Kyoto"), moment(1, 3, place="Kyoto")])
    far = gatherings([moment(0, 0, place="Kyoto"), moment(1, 3, place="Osaka")])
    assert (len(near), len(far)) == (1, 2)


def test_participants_come_by_how_often_they_are_seen() -> None:
    (found,) = gatherings([moment(0, 0, "Ann"), moment(1, 0.1, "Ben"), moment(2, 0.2, "Ben", "Cem")])
    assert found.people == ("Ben", "Ann", "Cem")


@given(st.lists(st.tuples(st.floats(0, 100), st.sampled_from(["Ann", "Ben"])), max_size=20))
def test_every_photo_is_in_one_event_whatever_their_order(photos: list[tuple[float, str]]) -> None:
    moments = [moment(row, hours, name) for row, (hours, name) in enumerate(photos)]
    found = gatherings(moments)
    assert sorted(one.photo_id for group in found for one in group.moments) == sorted(
        one.photo_id for one in moments
    )
    assert found == gatherings(reversed(moments))
