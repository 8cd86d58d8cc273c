"""What is typed into the search box, taken apart."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import InvalidInput
from shared.search.query import Part, day, parse


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        ("  dog  beach ", (Part("dog"), Part("beach"))),
        ('"birthday cake" -cat', (Part("birthday cake", phrase=True), Part("cat", minus=True))),
        ("tag:dog -tag:cat", (Part("dog", "tag"), Part("cat", "tag", minus=True))),
        ('person:"Ann Lee"', (Part("Ann Lee", "person"),)),
        ("before:2024 after:2023-05-31", (Part("2024", "before"), Part("2023-05-31", "after"))),
        ("has:faces", (Part("faces", "has"),)),
        ("http://x re:view", (Part("http://x"), Part("re:view"))),
        ('"never closed', (Part("never closed", phrase=True),)),
    ],
)
def test_a_query_is_taken_apart(text: str, parts: tuple[Part, ...]) -> None:
    assert parse(text) == parts


@pytest.mark.parametrize("text", ["before:yesterday", "after:2024-13", "before:2024-02-30", "has:gold"])
def test_a_term_that_means_nothing_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"write it as|use has:faces"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "first"),
    [("2024", date(2024, 1, 1)), ("2024-5", date(2024, 5, 1)), ("2024-05-31", date(2024, 5, 31))],
)
def test_a_year_or_a_month_means_its_first_day(text: str, first: date) -> None:
    assert day("before", text) == first


@given(st.text(max_size=60))
def test_anything_may_be_typed(text: str) -> None:
    try:
        parts = parse(text)
    except InvalidInput:
        return
    assert all(part.text for part in parts)
