"""docs/page.md names every address of the API."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[3] / "docs" / "page.md"


def test_every_route_is_in_the_docs(serve: Callable[..., Any]) -> None:
    told = DOCS.read_text(encoding="utf-8")
    named = set(re.findall(r"/[a-z]+(?:/[A-Za-z]+)*", told))
    for path in serve().app.openapi()["paths"]:
        plain = path.removeprefix("/api/v1")
        plain = plain.replace("{brand}", "BRAND").replace("{incident_id}", "ID")
        plain = plain.replace("{post_id}", "ID").replace("{silence_id}", "SILENCE")
        plain = plain.replace("{what}", "WHAT").removesuffix(".{kind}")
        assert plain in named, plain
