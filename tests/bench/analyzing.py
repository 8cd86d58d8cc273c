"""What looking at a photo costs: the cold start, each model, each face engine, in processes of their own."""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "models"
PHOTOS = ROOT / "events" / "photos"
ENGINES = ("onnx", "dlib", "off")
LOOKED_AT = 12


def measured(engine: str, views: int = 1) -> dict[str, Any]:
    """Cold start, time a photo and peak memory with a face engine, measured in a fresh process."""
    found = subprocess.run(
        [sys.executable, "-m", "tests.bench.analyzing", engine, str(views)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    figures: dict[str, Any] = json.loads(found.stdout)
    return figures


def rows() -> Iterator[tuple[str, ...]]:
    """A line a face engine, then a line a model."""
    found = {f"faces: {engine}": measured(engine) for engine in ENGINES}
    found[f"faces: {ENGINES[0]}, seven views"] = measured(ENGINES[0], views=7)
    for name, figures in found.items():
        yield (
            name,
            f"{figures['import'] + figures['first']:.1f} s",
            f"{figures['photo'] * 1e3:.0f} ms",
            f"{figures['rss'] / 1e6:.0f} MB",
        )
    for name, seconds in found[f"faces: {ENGINES[0]}"]["models"].items():
        yield name, "", f"{seconds * 1e3:.0f} ms", ""


def main(engine: str, views: int) -> None:
    """Do what `analyze` does when it starts, then look at photos; print figures as JSON."""
    started = time.perf_counter()
    from shared.photos import decode, thumbnail
    from shared.vision.observer import Observer

    imported = time.perf_counter()
    observer = Observer.load(MODELS, face_engine=engine, views=views)  # type: ignore[arg-type]
    files = [path.read_bytes() for path in sorted(PHOTOS.glob("*.jpg"))[:LOOKED_AT]]

    def look(data: bytes) -> None:
        photo = decode(data)
        observer.observe(photo, "0" * 32)
        thumbnail(photo)

    look(files[0])
    first = time.perf_counter()
    for data in files:
        look(data)
    done = time.perf_counter()
    figures = {
        "import": imported - started,
        "first": first - imported,
        "photo": (done - first) / len(files),
        "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "models": {name: _seconds(run) for name, run in _runs()},
    }
    print(json.dumps(figures))


def _runs() -> Iterator[tuple[str, Callable[[], Any]]]:
    """Each model of the manifest on an input of its own shape."""
    import numpy as np
    import onnxruntime as ort

    for path in sorted(MODELS.glob("*.onnx")):
        options = ort.SessionOptions()
        options.intra_op_num_threads = 2
        session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        kinds = {"tensor(float)": np.float32, "tensor(int64)": np.int64, "tensor(uint8)": np.uint8}
        feed = {
            given.name: np.ones(
                [
                    side if isinstance(side, int) else _free(path.stem, place)
                    for place, side in enumerate(given.shape)
                ],
                dtype=kinds[given.type],
            )
            for given in session.get_inputs()
        }
        yield path.stem, partial(session.run, None, feed)


def _free(model: str, place: int) -> int:
    """A size the model leaves open: one photo or sentence, of 16 word pieces or 640 pixels a side."""
    if place == 0:
        return 1
    return 16 if model.startswith("minilm") else 640


def _seconds(run: Callable[[], Any], times: int = 5) -> float:
    """The best of a few runs."""
    best = float("inf")
    for _ in range(times):
        started = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - started)
    return best


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
