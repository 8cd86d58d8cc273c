"""The report's pictures are drawn whatever an owner's tags are made of."""

from html import unescape

import pytest

from shared.services.reporting.plots import tag_graph


@pytest.mark.parametrize("tag", ["$$", "$\\foo$", "cost $5 to $10", "C:\\new", "<b>&", "Größe", "a_b^c"])
def test_tags_are_drawn_as_they_are_written(tag: str) -> None:
    drawn = tag_graph([(tag, "dog", 3)])

    assert f">{tag}</text>" in unescape(drawn)
