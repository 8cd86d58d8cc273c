"""The XMP packet as a tree, read without trusting it: no document types, no entities, bounded size."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

LONGEST_PACKET = 2_000_000

_NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xml": "http://www.w3.org/XML/1998/namespace",
    "dc": "http://purl.org/dc/elements/1.1/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
    "stArea": "http://ns.adobe.com/xmp/sType/Area#",
    "stDim": "http://ns.adobe.com/xap/1.0/sType/Dimensions#",
    "MP": "http://ns.microsoft.com/photo/1.2/",
    "MPRI": "http://ns.microsoft.com/photo/1.2/t/RegionInfo#",
    "MPReg": "http://ns.microsoft.com/photo/1.2/t/Region#",
}


def parse_xmp(packet: bytes) -> Element | None:
    """The root of an XMP packet, or None where it is damaged, too long, or declares a document type."""
    packet = packet.strip(b"\x00 \r\n\t")
    if not packet or len(packet) > LONGEST_PACKET:
        return None
    try:
        root: Element = fromstring(packet, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    return root


def qualified(name: str) -> str:
    """`dc:subject` as ElementTree spells it."""
    prefix, local = name.split(":")
    return f"{{{_NAMESPACES[prefix]}}}{local}"


def properties(root: Element, name: str) -> Iterator[Element]:
    """Elements of a property of the described photo, wherever rdf:Description elements put it."""
    for description in root.iter(qualified("rdf:Description")):
        yield from description.findall(qualified(name))


def items(node: Element) -> list[Element]:
    """The rdf:li of a property's bag, sequence or alternatives."""
    return [
        item
        for kind in ("rdf:Bag", "rdf:Seq", "rdf:Alt")
        for collection in node.findall(qualified(kind))
        for item in collection.findall(qualified("rdf:li"))
    ]


def texts(root: Element, name: str) -> tuple[str, ...]:
    """Values of a property that is a list of texts, or one plain text."""
    values: list[str] = []
    for node in properties(root, name):
        values += [item.text or "" for item in items(node)] or [node.text or ""]
    values += _attributes(root, name)
    return tuple(value.strip() for value in values if value.strip())


def localized(root: Element, name: str) -> str:
    """A property with language alternatives: the default, else English, else the first that says anything."""
    ranked: list[tuple[int, str]] = []
    for node in properties(root, name):
        for item in items(node):
            language = item.get(qualified("xml:lang"), "").casefold()
            rank = 0 if language == "x-default" else 1 if language.startswith("en") else 2
            ranked.append((rank, (item.text or "").strip()))
        ranked.append((3, (node.text or "").strip()))
    ranked += [(3, value.strip()) for value in _attributes(root, name)]
    spoken = [entry for entry in ranked if entry[1]]
    return min(spoken, key=lambda entry: entry[0])[1] if spoken else ""


def field(node: Element, name: str) -> str:
    """One text field of a structure, in any RDF spelling: attribute, element, nested rdf:Description."""
    for holder in holders(node):
        found = holder.get(qualified(name))
        if found is None:
            child = holder.find(qualified(name))
            found = child.text if child is not None else None
        if found and found.strip():
            return found.strip()
    return ""


def structure(node: Element, name: str) -> Element | None:
    """A field of a structure that is itself a structure or list."""
    for holder in holders(node):
        child = holder.find(qualified(name))
        if child is not None:
            return child
    return None


def holders(node: Element) -> tuple[Element, ...]:
    """The elements that may carry a structure's fields: itself and rdf:Description elements right inside."""
    return (node, *node.findall(qualified("rdf:Description")))


def _attributes(root: Element, name: str) -> list[str]:
    key = qualified(name)
    return [value for node in root.iter(qualified("rdf:Description")) if (value := node.get(key))]
