"""Bounds that several places keep to."""

MOST_UPLOAD_BYTES = 256 * 2**20
