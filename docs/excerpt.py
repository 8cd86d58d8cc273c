"""Put an excerpt of what the demo printed (docs/demo.txt) into README.md: `make picture` runs it."""

import re
from itertools import pairwise
from pathlib import Path

HERE = Path(__file__).parent
README = HERE.parent / "README.md"
PHOTOS_SHOWN = 3
LEFT_OUT = "[...]"


def excerpt(printed: str) -> str:
    """All sections; of the new photos the first few."""
    lines = [line.rstrip() for line in printed.strip().splitlines()]
    heads = [row for row, line in enumerate(lines) if line.endswith("──")]
    shown = []
    for start, end in pairwise([*heads, len(lines)]):
        section = lines[start:end]
        photos = [row for row, line in enumerate(section) if re.fullmatch(r"\S+\.jpg", line)]
        if len(photos) > PHOTOS_SHOWN:
            section = [*section[: photos[PHOTOS_SHOWN]], LEFT_OUT, ""]
        shown += section
    return "\n".join(shown)


def main() -> None:
    """Write the excerpt between the markers."""
    block = f"<!-- demo -->\n```text\n{excerpt((HERE / 'demo.txt').read_text())}\n```\n<!-- /demo -->"
    text = README.read_text()
    README.write_text(re.sub("<!-- demo -->.*<!-- /demo -->", lambda _: block, text, flags=re.DOTALL))


if __name__ == "__main__":
    main()
