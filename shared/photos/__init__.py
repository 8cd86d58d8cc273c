"""Bytes of a photo to upright pixels, the camera's facts and the owner's words."""

from shared.photos.fingerprints import dhash
from shared.photos.photo import Photo, decode
from shared.photos.segments import strip_words
from shared.photos.thumbnails import thumbnail

__all__ = ["Photo", "decode", "dhash", "strip_words", "thumbnail"]
