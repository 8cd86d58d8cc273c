"""Faces a person named in the file: regions of the Metadata Working Group and of Microsoft Photo."""

import math
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from shared.domain.observation import Box, Region
from shared.photos.xmp import field, items, properties, structure

MOST_REGIONS = 200
LONGEST_NAME = 100


def read_regions(root: Element, orientation: int, stored: tuple[int, int]) -> tuple[Region, ...]:
    """Named faces as fractions of the upright image, each once, clipped to the image.

    Regions are given relative to the picture as stored, before EXIF orientation turns it. Where
    AppliedToDimensions has the shape of the upright picture instead (some programs write that), they are
    taken as upright already.

    Parameters
    ----------
    orientation : int
        EXIF orientation, 1 to 8, that makes the stored picture upright.
    stored : (int, int)
        Width and height as stored.

    References
    ----------
    Metadata Working Group (2010). Guidelines for Handling Image Metadata, version 2.0, section 5.9.
    """
    found: dict[tuple[str, Box], Region] = {}
    for name, box, applied in (*_mwg(root), *_microsoft(root)):
        turn = 1 if _is_upright(applied, orientation, stored) else orientation
        upright = _clipped(turned(box, turn))
        name = " ".join(name.split())[:LONGEST_NAME]
        if name and upright is not None:
            found.setdefault((name.casefold(), upright), Region(name, upright))
    return tuple(found.values())[:MOST_REGIONS]


def turned(box: Box, orientation: int) -> Box:
    """A box of the stored picture in fractions of the upright one, by EXIF orientation 1 to 8."""
    corners = [_upright(x, y, orientation) for x, y in ((box.left, box.top), (box.right, box.bottom))]
    (x0, y0), (x1, y1) = corners
    return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _upright(x: float, y: float, orientation: int) -> tuple[float, float]:
    match orientation:
        case 2:
            return 1 - x, y
        case 3:
            return 1 - x, 1 - y
        case 4:
            return x, 1 - y
        case 5:
            return y, x
        case 6:
            return 1 - y, x
        case 7:
            return 1 - y, 1 - x
        case 8:
            return y, 1 - x
    return x, y


def _mwg(root: Element) -> Iterator[tuple[str, Box, tuple[float, float] | None]]:
    for regions in properties(root, "mwg-rs:Regions"):
        dimensions = structure(regions, "mwg-rs:AppliedToDimensions")
        size = _numbers(dimensions, "stDim:w", "stDim:h") if dimensions is not None else None
        applied = (size[0], size[1]) if size and min(size) > 0 else None
        for entry in _entries(regions, "mwg-rs:RegionList"):
            area = structure(entry, "mwg-rs:Area")
            if area is None or field(entry, "mwg-rs:Type") not in ("", "Face"):
                continue
            box = _area(area, applied)
            if box is not None:
                yield field(entry, "mwg-rs:Name"), box, applied


def _area(area: Element, applied: tuple[float, float] | None) -> Box | None:
    centre, extent = _numbers(area, "stArea:x", "stArea:y"), _numbers(area, "stArea:w", "stArea:h")
    diameter = _numbers(area, "stArea:d")
    wide, high = applied or (1.0, 1.0)
    if extent is None and diameter is not None:
        extent = (diameter[0], diameter[0] * (wide / high if field(area, "stArea:unit") != "pixel" else 1))
    if centre is None or extent is None:
        return None
    x, y, w, h = *centre, *extent
    if field(area, "stArea:unit") == "pixel":
        if applied is None:
            return None
        x, y, w, h = x / wide, y / high, w / wide, h / high
    return Box(x - w / 2, y - h / 2, x + w / 2, y + h / 2)


def _microsoft(root: Element) -> Iterator[tuple[str, Box, None]]:
    for info in properties(root, "MP:RegionInfo"):
        for entry in _entries(info, "MPRI:Regions"):
            parts = field(entry, "MPReg:Rectangle").split(",")
            try:
                x, y, w, h = (float(part) for part in parts)
            except ValueError:
                continue
            yield field(entry, "MPReg:PersonDisplayName"), Box(x, y, x + w, y + h), None


def _entries(node: Element, name: str) -> list[Element]:
    collection = structure(node, name)
    return [] if collection is None else items(collection)


def _numbers(node: Element, *names: str) -> tuple[float, ...] | None:
    try:
        return tuple(float(field(node, name)) for name in names)
    except ValueError:
        return None


def _is_upright(applied: tuple[float, float] | None, orientation: int, stored: tuple[int, int]) -> bool:
    if applied is None or orientation < 5 or stored[0] == stored[1]:
        return False
    return (applied[0] > applied[1]) == (stored[1] > stored[0]) and applied[0] != applied[1]


def _clipped(box: Box) -> Box | None:
    sides = (box.left, box.top, box.right, box.bottom)
    if not all(math.isfinite(side) for side in sides):
        return None
    clipped = Box(*(round(min(1.0, max(0.0, side)), 6) for side in sides))
    return clipped if clipped.area > 0 else None
