"""When a rule of EventBridge fires next."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from aws_croniter import AwsCroniter
from aws_croniter.exceptions import AwsCroniterExpressionError

_CRON = re.compile(r"cron\((.+)\)")


def next_firing(expressions: Iterable[str], at: datetime) -> datetime | None:
    """The first time at or after a moment that one of some schedules fires.

    Parameters
    ----------
    expressions : iterable of str
        As EventBridge writes them; only `cron(…)` says when, a `rate(…)` counts from when its rule was made.
    at : datetime
        With a zone.

    Returns
    -------
    datetime or None
        In UTC; None where no schedule says.
    """
    found = (_next(match[1], at.astimezone(UTC)) for one in expressions if (match := _CRON.fullmatch(one)))
    return min((one for one in found if one is not None), default=None)


def _next(cron: str, at: datetime) -> datetime | None:
    try:
        found: datetime | None = AwsCroniter(cron).get_next(at, inclusive=True)[0]
    except AwsCroniterExpressionError:
        return None
    return found
