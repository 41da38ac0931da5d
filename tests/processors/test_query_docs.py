"""The table of docs/queries.md is true, and its brands can be followed."""

import re
from pathlib import Path

import pytest
import yaml

from infra.settings import Settings
from processors.match import BrandMatcher, WatchedBrand
from processors.query_parse import parse_query

PAGE = (Path(__file__).parents[2] / "docs" / "queries.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(.+?)` \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("query", "finds", "leaves"), ROWS)
def test_the_table_is_true(query: str, finds: str, leaves: str) -> None:
    matcher = BrandMatcher([WatchedBrand("A", query=query)])
    assert matcher.match(finds) == ("A",)
    assert matcher.match(leaves) == ()


def test_the_table_is_found() -> None:
    assert len(ROWS) >= 15


def test_what_can_be_written_can_be_read() -> None:
    part = PAGE[PAGE.index("## What can be written") : PAGE.index("Operators are written")]
    for cell in re.findall(r"^\| (`.+?`.*?) \|", part, re.MULTILINE):
        for query in re.findall(r"`([^`]+)`", cell):
            if query.isalnum() or ":" in query or '"' in query or " " in query:
                parse_query(query)


def test_its_brands_are_settings() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    brands = Settings(brands=yaml.safe_load(block)["brands"]).brands
    match = BrandMatcher([brand.watched for brand in brands]).match
    assert match("my apple mac") == match("Airpods") == ("Apple",)
    assert match("apple pie on my mac") == match("apple") == ()
