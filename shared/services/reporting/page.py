"""`training_report.html`: one file, no script and no network, readable on a phone."""

import base64
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from shared.services.reporting import plots
from shared.services.reporting.content import Content


def render(content: Content) -> bytes:
    """The report as a page."""
    text = _template().render(
        content=content,
        before_after=plots.before_after(content.comparisons) if content.comparisons else None,
        had_live=any(comparison.live for comparison in content.comparisons),
        curve=plots.learning_curve(content.curve) if content.curve else None,
        tag_graph=plots.tag_graph(content.pairs) if content.pairs else None,
    )
    return text.encode()


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("shared.services.reporting", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["webp"] = _webp
    return environment.get_template("report.html")


def _webp(body: bytes) -> str:
    return "data:image/webp;base64," + base64.b64encode(body).decode()
