"""The pages in docs/ are true to the repository: every guarantee names tests that exist."""

import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
DOCS = Path(__file__).parents[1] / "docs"
LINK = re.compile(r"\]\(([^)]+)\)")


def test_links_lead_somewhere() -> None:
    pages = sorted(DOCS.glob("*.md"))
    assert pages
    for page in pages:
        links = LINK.findall(page.read_text())
        inner = [link.partition("#")[0] for link in links if "://" not in link]
        assert [link for link in inner if not (page.parent / link).exists()] == []


def test_nothing_was_left_to_be_filled_in() -> None:
    texts = {page.name: page.read_text() for page in [*DOCS.glob("*.md"), README]}
    left = re.compile(r"\b(?:TODO|FIXME|TBD|XXX|[A-Z]+FIGURES?)\b")
    assert {name: found for name, text in texts.items() if (found := left.findall(text))} == {}


def test_no_guarantee_without_a_test_that_forces_it() -> None:
    rows = re.findall(r"^\| (?!-|fault).*\|$", (DOCS / "guarantees.md").read_text(), re.MULTILINE)
    assert len(rows) > 15
    for row in rows:
        fault, happens, seen, forced_by = row.strip("| ").split(" | ")
        tests = LINK.findall(forced_by)
        assert tests, fault
        assert all("/test_" in test for test in tests), fault
        assert happens, fault
        assert seen, fault
