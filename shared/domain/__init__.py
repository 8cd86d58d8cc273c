"""The words of the library as frozen dataclasses: observations, owner's words, records, datasets. No I/O."""
