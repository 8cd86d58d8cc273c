"""JSON of the wrong shape: anything at all, and right samples with one place gone wrong."""

import copy
from typing import Any

from hypothesis import strategies as st

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["", "..", "../../x", "\x00", "a" * 300, "records/x", "%", "2026", "-1", "NaN", "é"]),
)
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=12), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value, the whole of it first."""
    found = [at]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in items:
        found += places(inner, (*at, name))
    return found


def spoiled(value: Any, at: tuple[Any, ...], put: Any, *, gone: bool = False) -> Any:
    """A copy with something else at one place, or nothing."""
    if not at:
        return put
    changed = copy.deepcopy(value)
    holder = changed
    for name in at[:-1]:
        holder = holder[name]
    if gone:
        del holder[at[-1]]
    else:
        holder[at[-1]] = put
    return changed


@st.composite
def nearly(draw: st.DrawFn, sample: Any) -> Any:
    """A sample with one to three places gone wrong."""
    value = sample
    for _ in range(draw(st.integers(1, 3))):
        value = spoiled(value, draw(st.sampled_from(places(value))), draw(anything), gone=draw(st.booleans()))
        if not isinstance(value, dict):
            break
    return value
