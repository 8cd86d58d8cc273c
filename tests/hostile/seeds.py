"""Small files of every format, with every kind of metadata, for fuzzers to spoil."""

import struct
from io import BytesIO
from typing import Any

import pillow_heif
from PIL import Image, ImageCms

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    b' xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"'
    b' xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#" tiff:Orientation="6">'
    b'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">A dog</rdf:li></rdf:Alt></dc:description>'
    b"<dc:subject><rdf:Bag><rdf:li>dog</rdf:li></rdf:Bag></dc:subject>"
    b'<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Bag><rdf:li>'
    b'<rdf:Description mwg-rs:Name="Ann" mwg-rs:Type="Face">'
    b'<mwg-rs:Area stArea:x="0.5" stArea:y="0.5" stArea:w="0.2" stArea:h="0.2" stArea:unit="normalized"/>'
    b"</rdf:Description></rdf:li></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>"
    b"</rdf:Description></rdf:RDF></x:xmpmeta>"
)
PLAIN = {
    "JPEG": "RGB",
    "PNG": "RGBA",
    "WEBP": "RGB",
    "TIFF": "CMYK",
    "GIF": "P",
    "BMP": "RGB",
    "JPEG2000": "L",
}


def picture(mode: str = "RGB") -> Image.Image:
    """A few pixels with a gradient."""
    return Image.linear_gradient("L").resize((24, 16)).convert("RGB").convert(mode)


def exif() -> Image.Exif:
    """A camera's facts, a caption, a position and a turn."""
    facts = Image.Exif()
    facts[0x0112], facts[0x010F], facts[0x010E] = 6, "Canon", "A dog on a beach"
    facts[0x9C9E] = "dog;beach".encode("utf-16-le")
    facts.get_ifd(0x8769)[0x9003] = "2024:05:01 12:00:00"
    facts.get_ifd(0x8769)[0x9286] = b"ASCII\x00\x00\x00a dog"
    facts.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 30.0), 3: "E", 4: (2.0, 17.0, 40.0)})
    return facts


def iptc() -> bytes:
    """Photoshop's resource block with a caption and a keyword."""

    def dataset(number: int, value: bytes) -> bytes:
        return b"\x1c\x02" + bytes([number]) + struct.pack(">H", len(value)) + value

    block = dataset(120, b"A dog") + dataset(25, b"dog")
    body = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + struct.pack(">I", len(block)) + block
    return b"\xff\xed" + struct.pack(">H", len(body) + 2) + body


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """A file of a picture; HEIC ones by another library than they are read with, which only reads."""
    out = BytesIO()
    if kind == "HEIF":
        pillow_heif.from_pillow(image).save(out, **options)
    else:
        image.save(out, kind, **options)
    return out.getvalue()


def seeds() -> dict[str, bytes]:
    """Files by name."""
    found = {f"plain.{kind.lower()}": saved(picture(mode), kind) for kind, mode in PLAIN.items()}
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    rich = {"exif": exif().tobytes(), "icc_profile": profile}
    jpeg = saved(picture(), "JPEG", xmp=XMP, **rich)
    found["rich.jpeg"] = jpeg[:2] + iptc() + jpeg[2:]
    found["rich.webp"] = saved(picture(), "WEBP", xmp=XMP, **rich)
    found["rich.png"] = saved(picture(), "PNG", **rich)
    found["rich.heif"] = saved(picture(), "HEIF", exif=exif().tobytes(), xmp=XMP)
    found["rich.avif"] = saved(picture(), "AVIF", exif=exif().tobytes())
    found["deep.png"] = saved(Image.new("I;16", (8, 8), 40_000), "PNG")
    found["float.tiff"] = saved(Image.new("F", (8, 8), 0.5), "TIFF", exif=exif())
    frames = [picture(), picture().rotate(180)]
    found["animated.gif"] = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    found["animated.png"] = saved(frames[0], "PNG", save_all=True, append_images=frames[1:])
    found["pages.tiff"] = saved(frames[0], "TIFF", save_all=True, append_images=frames[1:])
    return found
