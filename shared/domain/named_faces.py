"""Which detected face a named region is about."""

from collections.abc import Sequence

from shared.domain.observation import Face
from shared.domain.record import NamedFace


def names_of(faces: Sequence[Face], named: Sequence[NamedFace]) -> tuple[str | None, ...]:
    """The owner's name of each detected face, None where nobody named it.

    A name that knows its face's id goes there. The others go to the face whose centre their box holds, those
    that overlap best first; a face gets one name, a name one face.

    Parameters
    ----------
    faces : sequence of Face, length f
    named : sequence of NamedFace

    Returns
    -------
    tuple of str or None, length f
    """
    names: list[str | None] = [None] * len(faces)
    row_of = {face.face_id: row for row, face in enumerate(faces)}
    for one in named:
        if one.face_id in row_of:
            names[row_of[one.face_id]] = one.name
    overlaps = sorted(
        (
            (one.box.iou(face.box), -at, -row)
            for at, one in enumerate(named)
            if one.face_id is None
            for row, face in enumerate(faces)
            if names[row] is None and one.box.holds_centre(face.box)
        ),
        reverse=True,
    )
    given: set[int] = set()
    for _, at, row in overlaps:
        if names[-row] is None and -at not in given:
            names[-row] = named[-at].name
            given.add(-at)
    return tuple(names)
