"""share and label as a person meets them, beside a running line."""

import doctest
import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from infra.corrections import Correction, write_corrections
from infra.erasures import erase
from infra.posts import write_batch
from infra.share import read_share
from infra.share_labels import Drawn, Span
from infra.store import Store
from infra.store_socket import serve_store
from processors.records import CleanPost, Erasure, ScoredPost, Sentiment
from streams import label
from streams.cli import app
from streams.label import Answer, label_posts, sample
from streams.share import last_span

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = datetime(2026, 3, 2, tzinfo=UTC)
POSTS = 400
Run = Callable[..., Result]


@pytest.fixture
def filled(store: Store, clean_post: Callable[..., CleanPost]) -> Store:
    """A brand whose classifier misses every second negative post."""
    rng = np.random.default_rng(3)
    batch = []
    for number, chance in enumerate(rng.beta(0.4, 1.6, POSTS).round(4).tolist()):
        post = clean_post(
            post_id=f"x:{number}",
            position=number,
            text=f"Words {number} \x1b[2J\u202e",
            url="",
            brands=("Acme",),
            published_at=AT + timedelta(minutes=number),
            received_at=AT,
        )
        said = "negative" if chance > 0.5 else "neutral"
        sentiment = Sentiment(said, chance, round(1 - chance, 4), 0.0, "m-1")
        batch.append(ScoredPost(post=post, sentiment=sentiment, scored_at=AT))
    write_batch(store, batch, NOW)
    return store


@pytest.fixture
def places(store: Store, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The settings of a command beside a line that has the database open."""
    server = serve_store(store, tmp_path / "db.sock")
    yield {"GROUNDSWELL_SOCKET": str(tmp_path / "db.sock"), "GROUNDSWELL_DATA": str(tmp_path)}
    server.close()


@pytest.fixture
def run(places: dict[str, str]) -> Run:
    """The command in this process."""

    def call(*words: object, code: int = 0) -> Result:
        ran = CliRunner().invoke(app, [*map(str, words)], env=places)
        assert ran.exit_code == code, ran.output
        return ran

    return call


def answering(answers: Sequence[Answer]) -> tuple[Callable[..., Answer], list[str]]:
    """Gives these answers in turn; the ids it was asked about."""
    left, seen = list(answers), list[str]()

    def ask(post: Drawn, number: int, of: int) -> Answer:
        seen.append(post.post_id)
        return left.pop(0)

    return ask, seen


def labels(store: Store) -> dict[str, str]:
    rows = store.query("SELECT post_id, label FROM share_labels FINAL WHERE label != ''")
    return dict(rows)


def span_of(store: Store) -> Span:
    return last_span(store, "Acme", timedelta(days=7))


def test_examples() -> None:
    assert doctest.testmod(label).failed == 0


def test_share_is_told_each_way_and_a_correction_counts_at_once(filled: Store, run: Run) -> None:
    text = run("share", "Acme", "--hours", 240).output
    assert "counted" in text
    assert "mean probability" in text
    assert "may be off" in text
    assert "0 random labels: too few, `groundswell label Acme` asks for some" in text
    before = json.loads(run("share", "Acme", "--hours", 240, "--json").output)
    assert before["shown"]["method"] == "mean_probability"
    assert before["posts"] == POSTS
    [(post_id, chance)] = filled.query(
        "SELECT post_id, p_negative FROM counted_posts ORDER BY p_negative LIMIT 1"
    )
    write_corrections(filled, [Correction(post_id=post_id, label="negative", at=NOW)])
    after = json.loads(run("share", "Acme", "--hours", 240, "--json").output)
    moved = after["shown"]["share"] - before["shown"]["share"]
    assert moved == pytest.approx((1 - chance) / POSTS, abs=1e-6)
    assert (after["known"], after["labels"]) == (1, 0)


def test_a_brand_without_posts_is_named(filled: Store, run: Run) -> None:
    for command in ("share", "label"):
        ran = run(command, "Nobody", code=1)
        assert "no posts of 'Nobody'" in str(ran.exception)


def test_answers_are_kept_one_by_one_and_undone(filled: Store) -> None:
    drawn = sample(filled, span_of(filled), wanted=8, seed=1)
    ask, seen = answering(["negative", "undo", "neutral", "skip", "positive", "quit"])
    kept = label_posts(filled, drawn, ask, by="ann", now=lambda: NOW)
    assert kept == 2
    assert seen[0] == seen[2]
    assert labels(filled) == {seen[0]: "neutral", seen[4]: "positive"}
    assert seen[3] not in labels(filled)


def test_a_skipped_post_makes_room_for_another_of_its_stratum(filled: Store) -> None:
    drawn = sample(filled, span_of(filled), wanted=5, seed=1)
    strata = {one.post_id: one.stratum for one in drawn.queue}
    strata |= {one.post_id: one.stratum for some in drawn.spare.values() for one in some}
    ask, seen = answering(["skip", *["neutral"] * 5])  # type: ignore[list-item]
    assert label_posts(filled, drawn, ask, by="", now=lambda: NOW) == 5
    assert strata[seen[-1]] == strata[seen[0]]
    assert set(labels(filled)) == set(seen[1:])


def test_a_session_cut_short_goes_on_where_it_ended(filled: Store) -> None:
    drawn = sample(filled, span_of(filled), wanted=20, seed=1)

    def ask(post: Drawn, number: int, of: int) -> Answer:
        if number == 8:
            raise KeyboardInterrupt
        return "neutral"

    with pytest.raises(KeyboardInterrupt):
        label_posts(filled, drawn, ask, by="", now=lambda: NOW)
    done = set(labels(filled))
    assert len(done) == 7
    rest = sample(filled, span_of(filled), wanted=20, seed=1)
    assert (len(rest.queue), rest.labelled) == (13, 7)
    assert not done & {one.post_id for one in rest.queue}


def test_labels_are_exported_imported_and_say_what_they_bought(
    filled: Store, run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "labels.jsonl"
    assert "wrote 100 posts" in run("label", "Acme", "--export", path).output
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert len({line["post_id"] for line in lines}) == 100
    assert all(0 < line["probability"] <= 1 and line["text"] for line in lines)
    for number, line in enumerate(lines):
        line["label"] = ("negative", "neutral", None)[number % 3]
    path.write_text("\n".join(map(json.dumps, lines)))
    gone = Erasure(feed="hand", position=0, scope="post", id=lines[0]["post_id"], at=NOW)
    erase(filled, [gone], NOW, "ann")
    text = run("label", "Acme", "--import", path).output
    assert "kept 66 labels; 1 are about posts that are not there any more" in text
    assert "with 0 random labels" in text
    assert "with 66 random labels" in text
    widths = [float(line.split("(")[1].split()[0]) for line in text.splitlines() if "wide" in line]
    assert widths[1] < widths[0] / 2
    assert "corrected" in json.loads(run("share", "Acme", "--json").output)["shown"]["method"]
    assert len(read_share(filled, span_of(filled)).labels) == 66
    assert "wrote 34 posts" in run("label", "Acme", "--export", path).output


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "line 1"),
        ('{"post_id":"x:1","brand":"Delta","stratum":0,"probability":0.5}', "a sample of 'Delta'"),
        ('{"post_id":"x:1","brand":"Acme","stratum":0,"probability":0}', "not from --export"),
        ('{"post_id":"x:1","brand":"Acme","stratum":0,"probability":1,"label":"bad"}', "bad"),
        ('{"post_id":"x:1","brand":"Acme","stratum":0,"probability":1}', "no line has a label"),
        (
            '{"post_id":"y:1","brand":"Acme","stratum":0,"probability":1,"label":"neutral"}',
            "none of these posts",
        ),
    ],
)
def test_a_file_that_is_no_sample_is_refused(
    filled: Store, run: Run, tmp_path: Path, line: str, told: str
) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(line)
    assert told in str(run("label", "Acme", "--import", path, code=1).exception)
    assert labels(filled) == {}


def test_what_cannot_be_asked_is_said(filled: Store, run: Run, tmp_path: Path) -> None:
    assert "no terminal" in str(run("label", "Acme", code=1).exception)
    both = ("--export", tmp_path / "a", "--import", tmp_path / "b")
    assert "either" in str(run("label", "Acme", *both, code=1).exception)
    ask, _ = answering(["neutral"])
    label_posts(
        filled, sample(filled, span_of(filled), wanted=1, seed=0), ask, by="", now=lambda: NOW
    )
    assert "1 labels are there already" in run("label", "Acme", "--n", 1).output


@pytest.mark.parametrize("interrupted", [False, True])
def test_a_terminal_asks_key_by_key(
    filled: Store, places: dict[str, str], interrupted: bool
) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "streams.cli", "label", "Acme", "--n", "9", "--by", "ann"]
    keys = [b"n", b"z", b"uuu", b"p"]  # a key held down counts once
    shown = ""
    with subprocess.Popen(
        command,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **places},
    ) as asking:
        assert asking.stdout is not None
        assert asking.stderr is not None
        for line in asking.stdout:
            shown += line
            if "z undo" in line:
                if keys:
                    os.write(ours, keys.pop(0))
                elif interrupted:
                    asking.send_signal(signal.SIGINT)
                else:
                    os.write(ours, b"q")
        told = asking.stderr.read()
    assert asking.returncode == (130 if interrupted else 0), told
    os.close(ours)
    os.close(theirs)
    assert "\x1b" not in shown
    assert "·[2J·" in shown
    assert sorted(labels(filled).values()) == ["neutral", "positive"]
    if interrupted:
        assert "the answers given are kept" in told
        assert "Traceback" not in told
    else:
        assert "with 2 random labels" in shown
