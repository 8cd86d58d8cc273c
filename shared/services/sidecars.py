"""XMP sidecars: what the library knows of a photo, for darktable, digiKam, Lightroom and others to read.

The owner's keywords stand where every program looks for keywords. What was learned hangs below a branch of
its own in the hierarchy of keywords, so that nobody takes it for the owner's; `shared.photos.words` leaves
that branch out when it reads, so that it is never taught back.

References
----------
ISO 16684-1:2019, XMP; Metadata Working Group (2010), Guidelines for Handling Image Metadata, version 2.0.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from shared.domain.observation import Box, Observation
from shared.domain.record import Record, Source, Status
from shared.photos.words import LEARNED_BRANCH
from shared.photos.xmp import parse_xmp
from shared.services.people import People
from shared.storage.records import RecordRepository

NAMESPACES = {
    "x": "adobe:ns:meta/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
    "stArea": "http://ns.adobe.com/xmp/sType/Area#",
    "stDim": "http://ns.adobe.com/xap/1.0/sType/Dimensions#",
    "eye": "https://avinash-eye.example/ns/1.0/",
}
for _prefix, _uri in NAMESPACES.items():
    register_namespace(_prefix, _uri)

TOOLKIT = "Avinash-EYE"
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


class Sidecar(NamedTuple):
    """A sidecar and the path it belongs at, relative to the photos: `a/b.jpg` has `a/b.jpg.xmp`."""

    path: PurePosixPath
    body: bytes


def sidecars(records: RecordRepository, people: People, photo_ids: Iterable[str]) -> Iterator[Sidecar]:
    """The sidecars of analyzed photos, in the order asked; others are left out."""
    for stored in records.get_many(photo_ids):
        if stored.record.status is Status.ANALYZED:
            yield Sidecar(_beside(stored.record.origin.key), packet(stored.record, people))


def _beside(key: str) -> PurePosixPath:
    """Where a photo's sidecar belongs; a key cannot lead out of the folder."""
    parts = [part for part in f"{key}.xmp".split("/") if part not in ("", ".", "..")]
    return PurePosixPath(*parts)


def is_ours(body: bytes) -> bool:
    """Whether a sidecar is one that this product wrote, and nobody else after it."""
    root = parse_xmp(body)
    return root is not None and root.get(_name("x:xmptk")) == TOOLKIT


def packet(record: Record, people: People) -> bytes:
    """What is known of a photo as an XMP packet; the same bytes for the same knowledge."""
    root = Element(_name("x:xmpmeta"), {_name("x:xmptk"): TOOLKIT})
    described = SubElement(
        SubElement(root, _name("rdf:RDF")), _name("rdf:Description"), {_name("rdf:about"): ""}
    )
    owner, learned = list(record.owner.tags), _learned(record)
    if record.owner.description:
        _alternative(described, "dc:description", record.owner.description)
    _collection(described, "dc:subject", "rdf:Bag", owner)
    paths = [[tag] for tag in owner] + [[LEARNED_BRANCH, tag] for tag in learned]
    _collection(described, "lr:hierarchicalSubject", "rdf:Bag", ["|".join(path) for path in paths])
    _collection(described, "digiKam:TagsList", "rdf:Seq", ["/".join(path) for path in paths])
    after = record.enhancement
    if after and after.description.source is not Source.OWNER:
        SubElement(described, _name("eye:LearnedDescription")).text = _plain(after.description.text)
    if record.observation:
        _regions(described, record.observation, list(_named(record, record.observation, people)))
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _learned(record: Record) -> list[str]:
    tags = record.enhancement.tags if record.enhancement else ()
    return sorted(tag.tag for tag in tags if tag.source is not Source.OWNER)


def _named(record: Record, seen: Observation, people: People) -> Iterator[tuple[str, Box]]:
    """The faces the owner gave a name; those the library recognized are not the owner's word."""
    given = {one.face_id: one for one in record.enhancement.people} if record.enhancement else {}
    for face in seen.faces:
        found = people.of_face(face.face_id, given.get(face.face_id))
        if found and found.name and found.source is Source.OWNER:
            yield found.name, face.box


def _regions(described: Element, seen: Observation, named: Sequence[tuple[str, Box]]) -> None:
    if not named:
        return
    whole = SubElement(described, _name("mwg-rs:Regions"), _resource())
    size = {"stDim:w": str(seen.width), "stDim:h": str(seen.height), "stDim:unit": "pixel"}
    SubElement(whole, _name("mwg-rs:AppliedToDimensions"), _attributes(size))
    bag = SubElement(SubElement(whole, _name("mwg-rs:RegionList")), _name("rdf:Bag"))
    for name, box in named:
        facts = {"mwg-rs:Name": _plain(name), "mwg-rs:Type": "Face"}
        item = SubElement(SubElement(bag, _name("rdf:li")), _name("rdf:Description"), _attributes(facts))
        area = {
            "stArea:x": f"{(box.left + box.right) / 2:.6f}",
            "stArea:y": f"{(box.top + box.bottom) / 2:.6f}",
            "stArea:w": f"{box.right - box.left:.6f}",
            "stArea:h": f"{box.bottom - box.top:.6f}",
            "stArea:unit": "normalized",
        }
        SubElement(item, _name("mwg-rs:Area"), _attributes(area))


def _collection(described: Element, name: str, kind: str, texts: Sequence[str]) -> None:
    if not texts:
        return
    collection = SubElement(SubElement(described, _name(name)), _name(kind))
    for text in texts:
        SubElement(collection, _name("rdf:li")).text = _plain(text)


def _alternative(described: Element, name: str, text: str) -> None:
    alternatives = SubElement(SubElement(described, _name(name)), _name("rdf:Alt"))
    SubElement(alternatives, _name("rdf:li"), {LANGUAGE: "x-default"}).text = _plain(text)


def _plain(text: str) -> str:
    """A text without the characters that XML has no way to write."""
    return NOT_XML.sub("", text)


def _name(prefixed: str) -> str:
    prefix, local = prefixed.split(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def _attributes(values: dict[str, str]) -> dict[str, str]:
    return {_name(name): value for name, value in values.items()}


def _resource() -> dict[str, str]:
    return {_name("rdf:parseType"): "Resource"}
