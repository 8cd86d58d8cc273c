"""Import everything the functions run, from the image's tree alone; run by its own Python, isolated."""

import importlib
import pkgutil
import sys
from pathlib import Path
from typing import Protocol, TypeGuard


class _FromFile(Protocol):
    __file__: str


NOT_RUN = ("shared.cli",)
"""The command `eye` runs on its owner's machine, beside the embedded cloud."""


def names(root: Path) -> list[str]:
    """All modules of the functions and of what they share."""
    found = pkgutil.walk_packages([str(root / "functions")], "functions.")
    found_shared = pkgutil.walk_packages([str(root / "shared")], "shared.")
    return sorted({one.name for one in (*found, *found_shared) if not one.name.startswith(NOT_RUN)})


def _has_file(module: object) -> TypeGuard[_FromFile]:
    return bool(getattr(module, "__file__", None))


def main() -> None:
    """Import them; the first that fails ends it with its error."""
    root = Path(sys.argv[1])
    sys.path.insert(0, str(root))
    modules = names(root)
    for name in [*modules, "dlib", "face_recognition"]:
        importlib.import_module(name)
    handlers = [name for name in modules if name.startswith("functions.") and name.endswith(".app")]
    assert all(callable(sys.modules[name].handler) for name in handlers)  # noqa: S101  (this is the check)
    files = {str(Path(module.__file__)) for module in list(sys.modules.values()) if _has_file(module)}
    inside = (str(root), sys.base_prefix, str(Path(__file__).resolve()))
    outside = sorted(one for one in files if not one.startswith(inside))
    if outside:
        sys.exit(f"Imported from outside the image: {outside[0]}")
    sys.stdout.write(f"{len(modules)} modules, {len(handlers)} handlers import from the tree\n")


if __name__ == "__main__":
    main()
