"""The server's side of the embedded cloud: runs in `.venv-cloud`, beside the emulator it extends."""
