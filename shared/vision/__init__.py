"""What the models see in a photo: sessions on onnxruntime and the observation they make."""

from shared.vision.observer import Observer
from shared.vision.text import TextEncoder, words_vector

__all__ = ["Observer", "TextEncoder", "words_vector"]
