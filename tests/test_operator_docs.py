"""Pages for operators and contributors: their commands exist, every threat has its test."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main

from infra.settings import Settings
from streams.cli import app

ROOT = Path(__file__).parents[1]
PAGES = {
    path: (ROOT / path).read_text(encoding="utf-8")
    for path in (
        *("docs/runbooks.md", "docs/security.md", "docs/operations.md", "docs/troubleshooting.md"),
        *("docs/metrics.md", "docs/tracing.md", "CONTRIBUTING.md"),
    )
    if (ROOT / path).exists()
}
COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
LINK = re.compile(r"\]\(([^)]+)\)")


def said(text: str, name: str) -> list[str]:
    """Commands that begin with this word, in blocks and in running text."""
    lines = re.findall(rf"^\$? ?(?:[A-Z_]+=\S+ )*({name} [^|\n#]+)", text, re.MULTILINE)
    return lines + re.findall(rf"`({name} [^`]+)`", " ".join(text.split()))


@pytest.mark.parametrize("page", PAGES)
def test_commands_of_ours_can_be_given(page: str) -> None:
    for command in said(PAGES[page], "groundswell"):
        given, at = shlex.split(command.replace("STAGE", "score"))[1:], COMMANDS
        while hasattr(at[given[0]], "commands"):  # of a group
            at, given = at[given[0]].commands, given[1:]
        name, *words = given
        if words:  # else it is only spoken of
            at[name].make_context(name, words, resilient_parsing="--help" in words)


@pytest.mark.parametrize("page", PAGES)
def test_make_targets_exist(page: str) -> None:
    for command in said(PAGES[page], "make"):
        assert re.search(rf"^{command.split()[1]}:", MAKEFILE, re.MULTILINE), command


@pytest.mark.parametrize("page", PAGES)
def test_variables_are_settings(page: str) -> None:
    known = {f"GROUNDSWELL_{name.upper()}" for name in Settings.model_fields}
    known |= {"GROUNDSWELL_CONFIG", "GROUNDSWELL_SECRETS", "GROUNDSWELL_FAULT_SEED"}
    found = set(re.findall(r"GROUNDSWELL_[A-Z_]+", PAGES[page]))
    assert {name for name in found if name.split("__")[0].rstrip("_") not in known} <= {
        "GROUNDSWELL_TEST_KAFKA",
        "GROUNDSWELL_TEST_CLICKHOUSE",
        "GROUNDSWELL_",
    }


@pytest.mark.parametrize("page", PAGES)
def test_links_and_anchors_lead_somewhere(page: str) -> None:
    for link in LINK.findall(PAGES[page]):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (ROOT / page).parent / name if name else ROOT / page
        assert target.exists(), link
        if anchor:
            titles = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", t).lower().replace(" ", "-") for t in titles}


def test_no_threat_without_a_test_that_proves_what_is_done() -> None:
    rows = re.findall(r"^\| (?!-|entry).* \| .* \| .* \| .* \|$", PAGES["docs/security.md"], re.M)
    assert len(rows) > 15
    for row in rows:
        entry, threat, done, proved = row.strip("| ").split(" | ")
        assert threat, entry
        assert done, entry
        tests = LINK.findall(proved)
        assert tests, entry
        assert all("/test_" in test for test in tests), entry
