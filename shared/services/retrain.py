"""When to retrain: a policy over what happened since the live bundle was trained."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """How much has to happen before a training is worth its time.

    Attributes
    ----------
    new_photos : int
        Photos the live bundle has not seen.
    bulk : int
        New photos that count as one bulk upload, once it has been quiet for `settle`.
    corrections : int
        What people said since, asked for by the weekly schedule; the 15-minute rule waits for `settle` too.
    age : timedelta
        A bundle older than this is renewed if anything at all is new.
    patience : timedelta
        A training that failed is tried again after it, unless something new comes before.
    """

    new_photos: int = 500
    bulk: int = 50
    corrections: int = 1
    settle: timedelta = timedelta(minutes=10)
    age: timedelta = timedelta(days=30)
    patience: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Situation:
    """What happened since a training took in the whole library, whether its bundle went live or not.

    Attributes
    ----------
    trained_at : datetime or None
        None before the first training.
    photos, new_photos, new_corrections : int
    new_categories : bool
        Whether the owner's own categories changed.
    last_change : datetime or None
        When the newest record or correction was written.
    running : bool
        Whether a training is under way.
    erased : bool
        Whether the live bundle was trained before somebody was erased.
    since : datetime or None
        Since when nothing was learned: the last training, else the oldest record.
    failed_at : datetime or None
        When the last training failed or was stopped; None where it did not.
    """

    trained_at: datetime | None
    photos: int
    new_photos: int
    new_corrections: int
    new_categories: bool
    last_change: datetime | None
    running: bool
    erased: bool = False
    since: datetime | None = None
    failed_at: datetime | None = None

    @property
    def anything_since_failure(self) -> bool:
        """Whether something came in after the last training failed."""
        return bool(self.failed_at and self.last_change and self.last_change > self.failed_at)


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to start a training, and the reasons for or against, as sentences for people."""

    start: bool
    reasons: tuple[str, ...]


def decide(situation: Situation, now: datetime, policy: Policy | None = None) -> Decision:
    """Whether there is reason to retrain now."""
    policy = policy or Policy()
    if situation.running:
        return Decision(False, ("A training is under way",))
    if situation.failed_at and not situation.anything_since_failure:
        again = situation.failed_at + policy.patience
        if now < again:
            reason = f"The last training failed: it is tried again on {again:%d %B at %H:%M} UTC"
            return Decision(False, (reason,))
    if situation.erased:
        return Decision(True, ("Somebody or something was erased since the last training",))
    if situation.photos == 0:
        return Decision(False, ("There are no photos yet",))
    anything_new = situation.new_photos or situation.new_corrections or situation.new_categories
    if not anything_new:
        return Decision(False, ("Nothing is new since the last training",))
    if situation.last_change and now - situation.last_change < policy.settle:
        return Decision(False, ("Photos or corrections are still coming in",))
    reasons = _reasons(situation, now, policy)
    if reasons:
        return Decision(True, tuple(reasons))
    missing = policy.bulk - situation.new_photos
    return Decision(False, (f"{situation.new_photos} new photos; {missing} more are worth a training",))


def due_at(situation: Situation, now: datetime, policy: Policy | None = None) -> datetime | None:
    """When there will be reason to retrain if nothing else happens.

    That is now, once it has been quiet for a while, or when the live bundle is old; None where only something
    new will give a reason.
    """
    policy = policy or Policy()
    moments = [now]
    if situation.last_change:
        moments.append(situation.last_change + policy.settle)
    if situation.trained_at:
        moments.append(situation.trained_at + policy.age)
    if situation.failed_at:
        moments.append(situation.failed_at + policy.patience)
    return next((at for at in sorted(moments) if at >= now and decide(situation, at, policy).start), None)


def _reasons(situation: Situation, now: datetime, policy: Policy) -> list[str]:
    reasons = []
    if situation.new_photos >= policy.new_photos:
        reasons.append(f"{situation.new_photos} new photos since the last training")
    elif situation.new_photos >= policy.bulk:
        reasons.append(f"A bulk upload of {situation.new_photos} photos has finished")
    if situation.new_corrections >= policy.corrections:
        reasons.append(f"{situation.new_corrections} new corrections to learn from")
    if situation.new_categories:
        reasons.append("The owner's categories changed")
    if situation.trained_at is None:
        reasons.append("Nothing was learned yet")
    elif now - situation.trained_at >= policy.age:
        reasons.append(f"The last training is {(now - situation.trained_at).days} days old")
    return reasons
