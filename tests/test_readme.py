"""The README and the pages beside it are true: commands exist, links lead on, examples work."""

import json
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer.main
from msgspec.structs import fields
from standardwebhooks.webhooks import WebhookVerificationError

from infra.channels.webhook import sign
from infra.settings import Settings
from processors.decode import decode
from processors.model_folder import read_card
from processors.models import ENGLISH, languages_folder
from processors.records import RawErasure, RawPost
from streams.cli import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DATA, SENTIMENT = (
    (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in ("data", "sentiment")
)
TOLD = "\n".join([README, DATA, SENTIMENT])
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```$", TOLD, re.DOTALL | re.MULTILINE)
NOW = datetime.now(UTC).replace(microsecond=0)
COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def blocks(*languages: str) -> list[str]:
    return [text for language, text in BLOCKS if language in languages]


def commands(name: str) -> list[list[str]]:
    """The words after `name` on each line that begins with it, after any NAME=value."""
    found = []
    for line in "".join(blocks("console", "bash")).splitlines():
        words = shlex.split(line.removeprefix("$ "), comments=True)
        while words and re.match(r"[A-Z_]+=", words[0]):
            assert words.pop(0).partition("=")[0] in variables()
        if words[:1] == [name]:
            found.append(words[1:])
    # In running text a command is a code span; STAGE stands for any stage.
    spans = re.findall(rf"`{name} ([^`]+)`", TOLD)
    return found + [shlex.split(span.replace("STAGE", "score")) for span in spans]


def variables() -> set[str]:
    return {f"GROUNDSWELL_{name.upper()}" for name in Settings.model_fields} | {
        "GROUNDSWELL_CONFIG"
    }


def test_blocks_are_found() -> None:
    assert {language for language, _ in BLOCKS} == {"console", "text", "mermaid", "json", "python"}


@pytest.mark.parametrize("words", commands("groundswell"), ids=" ".join)
def test_every_command_of_ours_can_be_given(words: list[str]) -> None:
    if words == ["--help"]:
        return
    assert words[0] in COMMANDS
    if len(words) > 1 or words[0] not in {"replay", "worker", "plan"}:  # else it is only spoken of
        COMMANDS[words[0]].make_context(words[0], words[1:])  # raises for what does not parse


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_an_example_that_can_be_given(name: str) -> None:
    help_text = " ".join(str(COMMANDS[name].help).split())
    _, example, given = help_text.partition("Example: ")
    assert example, f"groundswell {name} --help has no example"
    words = shlex.split(given.rpartition("|")[2])  # what it is fed comes before a pipe
    while re.match(r"[A-Z_]+=", words[0]):
        assert words.pop(0).partition("=")[0] in variables()
    assert words[:2] == ["groundswell", name]
    COMMANDS[name].make_context(name, words[2:])


@pytest.mark.parametrize("words", commands("make"), ids=" ".join)
def test_every_make_target_exists(words: list[str]) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{words[0]}:", makefile, re.MULTILINE)


@pytest.mark.parametrize("words", commands("cp"), ids=" ".join)
def test_what_is_copied_exists(words: list[str]) -> None:
    assert (ROOT / words[0]).is_file()


def test_links_within_the_repository_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)]+)\)", README)
    inner = [target for target in targets if not target.startswith("https://")]
    assert inner
    assert [target for target in inner if not (ROOT / target).exists()] == []


def test_the_table_of_fields_is_the_record() -> None:
    section = DATA.split("## Writing to `posts.raw`")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]+) \| ([^|]+) \|", section, re.MULTILINE)
    rows = {name: kind for names, kind in cells for name in re.findall(r"`(\w+)`", names)}
    assert list(rows) == [field.name for field in fields(RawPost)]
    required = {name for name, kind in rows.items() if "required" in kind}
    assert required == {field.name for field in fields(RawPost) if field.required}


def test_the_examples_of_messages_are_some() -> None:
    for message, record, count in zip(blocks("json"), (RawPost, RawErasure), (1, 2), strict=True):
        items = decode(message.encode(), arrived_at=NOW, feed="readme", position=0)
        assert [type(item) for item in items] == [record] * count
        known = {field.name for field in fields(record)}
        assert all(item.keys() <= known for item in json.loads(message))


def test_the_receiver_takes_what_we_sign_and_nothing_else() -> None:
    (snippet,) = blocks("python")
    scope: dict[str, object] = {}
    exec(compile(snippet, "README.md", "exec"), scope)
    receive = scope["receive"]
    assert callable(receive)
    secret, body = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3", b'{"data": {"message": "hello"}}'
    headers = sign(secret, "inc_1.1", datetime.now(UTC), body)
    assert receive(secret, headers, body) == "inc_1.1: hello"
    with pytest.raises(WebhookVerificationError):
        receive(secret, headers, body + b" ")


def test_what_was_shown_adds_up() -> None:
    pattern = r"([\d,]+) posts read: ([\d,]+) stored, ([\d,]+) repeats, ([\d,]+) dead letters"
    runs = re.findall(pattern, README)
    assert len(runs) == 2
    for run in runs:
        read, *parts = (int(figure.replace(",", "")) for figure in run)
        assert read == sum(parts)


def test_the_table_of_quality_is_the_committed_evaluation() -> None:
    table = SENTIMENT.split("<!-- quality -->")[1]
    shown = [
        [cell.strip() for cell in line.strip("|").split("|")[1:]]
        for line in table.strip().splitlines()[2:]
    ]
    parts = {}
    for name in ("english", "languages"):
        file = ROOT / "benchmarks" / f"evaluation-{name}.json"
        parts |= json.loads(file.read_text(encoding="utf-8"))["data"]
    xlmt = parts["xlmt"]
    measured = [
        parts["tweeteval"]["overall"],
        xlmt["overall"],
        *xlmt["by_language"].values(),
        parts["zh"]["overall"],
        parts["smp2020_usual_eval_labeled.json.gz"]["overall"],
    ]
    assert shown == [
        [f"{one['posts']:,}"]
        + [f"{100 * one[key]:.1f}" for key in ("macro_recall", "macro_f1", "accuracy", "ece")]
        + [_chance(one)]
        for one in measured
    ]


def _chance(one: dict[str, Any]) -> str:
    mean, low, high = (f"{100 * share:.1f}" for share in (one["ece_floor"], *one["ece_chance"]))
    return f"{mean} ({low} to {high})"


def test_full_or_lora_is_as_committed() -> None:
    found = json.loads((ROOT / "benchmarks" / "full-or-lora.json").read_text("utf-8"))
    told = " ".join(SENTIMENT.split("Full or LoRA: ")[1].split("\n\n")[0].split())
    full, lora = (found["methods"][name]["macro_recall"] for name in ("full", "lora"))
    for one in (full, lora):
        least, most = (f"{100 * one[end]:.1f}" for end in ("least", "most"))
        assert f"{100 * one['mean']:.1f} % ({least} to {most})" in told
    for name in ("adalora", "prefix"):
        assert f"({100 * found['methods'][name]['macro_recall']['mean']:.1f})" in told
        assert f"{100 * found['longer'][name]['macro_recall']:.1f}" in told
    asked = found["questions"]["compared"]
    assert f"{asked['learn']:,} tweets" in told
    assert f"{asked['judge']:,} tweets" in told


@pytest.mark.parametrize("name", ["english", "languages"])
def test_the_committed_evaluation_is_of_the_shipped_model(name: str) -> None:
    found = json.loads((ROOT / "benchmarks" / f"evaluation-{name}.json").read_text("utf-8"))
    folder = languages_folder() if name == "languages" else ENGLISH
    assert folder is not None
    card = read_card(folder)
    assert found["model"] == card.version
    for code, part in (("en", "tweeteval"), ("zh", "zh")):
        if part in found["data"]:
            measured = found["data"][part]["overall"]["macro_recall"]
            assert measured == pytest.approx(card.by_language[code].macro_recall, abs=0.005)
