"""Put an excerpt of what the demo printed into README.md, and cut its picture as short (`make picture`)."""

import re
from itertools import pairwise
from pathlib import Path

HERE = Path(__file__).parent
README = HERE.parent / "README.md"
PHOTOS_SHOWN = 3
LEFT_OUT = "[...]"
PHOTO = re.compile(r"^\S+\.jpg$", flags=re.MULTILINE)
LINE, FRAME = 24.4, 51
"""Heights in the picture: of a line, and of what stands around the lines."""


def excerpt(printed: str) -> str:
    """All sections; of the new photos the first few."""
    lines = [line.rstrip() for line in printed.strip().splitlines()]
    heads = [row for row, line in enumerate(lines) if line.endswith("──")]
    shown = []
    for start, end in pairwise([*heads, len(lines)]):
        section = lines[start:end]
        photos = [row for row, line in enumerate(section) if PHOTO.fullmatch(line)]
        if len(photos) > PHOTOS_SHOWN:
            section = [*section[: photos[PHOTOS_SHOWN]], LEFT_OUT, ""]
        shown += section
    return "\n".join(shown)


def shortened(picture: str, printed: str) -> str:
    """The SVG picture of what was printed, shown down to the first few of the new photos."""
    after = PHOTO.findall(printed)[PHOTOS_SHOWN]
    line = re.search(rf'y="([\d.]+)"[^>]*>{re.escape(after)}<', picture)
    if line is None:
        raise ValueError(f"The picture does not show {after}: run `make picture`")
    height = float(line[1]) - LINE
    for start, more in (
        (r'viewBox="0 0 \d+', FRAME),
        (r'clip-terminal">\s*<rect x="0" y="0" width="[\d.]+" height="', 0),
        (r'x="1" y="1" width="\d+" height="', FRAME - 2),
    ):
        picture = re.sub(
            rf"({start} ?)[\d.]+", lambda found, to=height + more: f"{found[1]}{to:.1f}", picture, count=1
        )
    return picture


def main() -> None:
    """Write the excerpt between the markers, and shorten the picture."""
    printed, picture = (HERE / "demo.txt").read_text(), HERE / "demo.svg"
    picture.write_text(shortened(picture.read_text(), printed))
    block = f"<!-- demo -->\n```text\n{excerpt(printed)}\n```\n<!-- /demo -->"
    text = README.read_text()
    README.write_text(re.sub("<!-- demo -->.*<!-- /demo -->", lambda _: block, text, flags=re.DOTALL))


if __name__ == "__main__":
    main()
