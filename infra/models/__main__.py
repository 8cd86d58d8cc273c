"""`python -m infra.models [FOLDER]`: build the default models, skipping what is there and verified."""

import sys
from pathlib import Path

from infra.models.build import Builder
from shared.domain.errors import EyeError

_DEFAULT = Path(__file__).parents[2] / "models"


def main(arguments: list[str]) -> int:
    """Exit status 1, with one sentence, where a model could not be built."""
    target = Path(arguments[0]) if arguments else _DEFAULT
    try:
        Builder(target, lambda line: print(line, flush=True)).run()
    except EyeError as error:
        print(f"models: {error}", file=sys.stderr)
        return 1
    print(f"models: complete in {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
