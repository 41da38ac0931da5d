"""What the page does is what the commands do; and the page as a command."""

import re
import signal
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

from infra.brands import Brand
from infra.corrections import read_corrections
from infra.deliver import people
from infra.incidents import write_events
from infra.metrics import Reading
from infra.page.actions import Doer
from infra.page.refused import Refused
from infra.page.secret_words import hash_token, is_password
from infra.page.serve import listen
from infra.page.settings import PageSettings
from infra.posts import write_batch
from infra.settings import FileSettings, Settings
from infra.store import Store
from infra.store_socket import serve_store
from infra.verdicts import read_verdicts
from processors.records import CleanPost, ScoredPost, Sentiment
from streams.page import Acts, make_page, page_of

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ANN = Doer(by="ann", note="why not", at=NOW)
ACTS = Acts(FileSettings(brands=(Brand(name="Northwind", sensitivity="keen"),)))


@pytest.fixture
def opened(store: Store, show: Any) -> str:
    """The id of an open incident."""
    event = show.incident_event()
    write_events(store, [event], event.change.at)
    return str(event.change.incident_id)


@pytest.fixture
def posted(store: Store, clean_post: Callable[..., CleanPost]) -> None:
    """Posts x:0 to x:4 about Northwind."""
    batch = []
    for number in range(5):
        at = NOW - timedelta(minutes=number + 1)
        post = clean_post(
            post_id=f"x:{number}",
            position=number,
            brands=("Northwind",),
            published_at=at,
            received_at=at,
        )
        sentiment = Sentiment("negative", 0.9, 0.1, 0.0, "m")
        batch.append(ScoredPost(post=post, sentiment=sentiment, scored_at=at))
    write_batch(store, batch, NOW)


def test_incidents_are_seen_silenced_and_judged(store: Store, opened: str) -> None:
    assert "seen by ann" in ACTS.acknowledge(store, opened, ANN)
    assert [one.note for one in people.acknowledgements(store)] == ["why not"]
    assert "seen by nobody" in ACTS.withdraw(store, opened, ANN)
    assert people.acknowledgements(store) == []
    assert "why not" in ACTS.silence(store, opened, timedelta(hours=2), ANN)
    [silence] = people.silences(store)
    assert (silence.match.incidents, silence.ends) == ((opened,), NOW + timedelta(hours=2))
    ACTS.end_silence(store, silence.silence_id, ANN)
    assert people.silences(store, ending_after=NOW) == []
    assert "not a crisis" in ACTS.verdict(store, opened, "not-a-crisis", ANN)
    assert [one.word for one in read_verdicts(store)] == ["not-a-crisis"]
    ACTS.verdict(store, opened, "withdrawn", ANN)
    assert [one.word for one in read_verdicts(store)] == ["withdrawn"]


def test_what_cannot_be_is_told_in_words_of_the_page(store: Store, opened: str) -> None:
    refused = (
        lambda: ACTS.acknowledge(store, "inc_9", ANN),
        lambda: ACTS.withdraw(store, opened, ANN),
        lambda: ACTS.verdict(store, opened, "maybe", ANN),
        lambda: ACTS.verdict(store, opened, "withdrawn", ANN),
        lambda: ACTS.end_silence(store, "sil_9", ANN),
        lambda: ACTS.silence(store, opened, timedelta(hours=1), Doer(by="ann", at=NOW)),
        lambda: ACTS.label(store, ["x:none"], "neutral", ANN),
        lambda: ACTS.label(store, ["x:none"], "maybe", ANN),
        lambda: ACTS.resend(store, "team", "inc_1.1", ANN),
        lambda: ACTS.draw(store, "Nobody", timedelta(days=1), wanted=5, seed=1),
        lambda: ACTS.backtest(store, "Nobody", days=7, sensitivity="keen", until=NOW),
        lambda: ACTS.backtest(store, "Northwind", days=7, sensitivity="x", until=NOW),
    )
    for act in refused:
        with pytest.raises(Refused) as told:
            act()
        assert told.value.status == 422
        assert "groundswell" not in told.value.detail, told.value.detail


@pytest.mark.usefixtures("posted")
def test_posts_are_labelled_and_drawn(store: Store) -> None:
    assert ACTS.label(store, ["x:0", "x:1"], "neutral", ANN) == 2
    assert {(one.post_id, one.label, one.by) for one in read_corrections(store)} == {
        ("x:0", "neutral", "ann"),
        ("x:1", "neutral", "ann"),
    }
    drawn = ACTS.draw(store, "Northwind", timedelta(days=1), wanted=3, seed=1)
    assert {one.post_id for one in drawn.queue} <= {"x:2", "x:3", "x:4"}
    assert len(drawn.queue) == 3


@pytest.mark.usefixtures("posted")
def test_a_brands_past_with_what_is_in_use(store: Store) -> None:
    found = ACTS.backtest(store, "Northwind", days=7, sensitivity="calm", until=NOW)
    assert (found["test"]["posts"], found["in_use"]) == (5, "keen")
    assert isinstance(found["test"]["since"], datetime)


def test_nobody_comes_in_from_elsewhere_without_being_named(store: Store) -> None:
    from streams.failures import UsageError

    with listen("0.0.0.0", 0) as listening:
        with pytest.raises(UsageError, match=r"page\.users"):
            make_page(store, FileSettings(), listening)
        token = {"name": "board", "hash": hash_token("a token")}
        settings = FileSettings(page=PageSettings.model_validate({"tokens": [token]}))
        assert "token" not in make_page(store, settings, listening).link


def test_the_page_of_a_line_stands_in_the_lines_own_process(
    store: Store, posted: None, tmp_path: Path
) -> None:
    told, path = StringIO(), tmp_path / "db.sock"
    settings = Settings(data=tmp_path, socket=path, brands=(Brand(name="Northwind"),))
    reading = Reading(
        stage="score", posts=7, lag_seconds=0.5, busy_seconds=1.0, waiting=0, reasons={}
    )
    with (
        closing(serve_store(store, path)),
        listen("127.0.0.1", 0) as listening,
        page_of(Console(file=told), settings, listening, lambda: {"score": reading}),
        httpx.Client(follow_redirects=True) as client,
    ):
        link = told.getvalue().removeprefix("page: ").strip()
        base = link.partition("/enter")[0]
        assert client.get(f"{base}/api/v1/overview").status_code == 401
        assert client.get(link).status_code == 200
        rows = client.get(f"{base}/api/v1/overview").json()["brands"]
        assert [one["name"] for one in rows] == ["Northwind"]
        stages = client.get(f"{base}/api/v1/health").json()["readings"]
        assert [(one["stage"], one["posts"]) for one in stages] == [("score", 7)]
    with pytest.raises(httpx.ConnectError):
        httpx.get(base)


def test_the_page_as_a_command(
    groundswell: Callable[..., Any], eventually: Any, tmp_path: Path
) -> None:
    file = tmp_path / "groundswell.yaml"
    file.write_text("brands: []")
    settings = {"GROUNDSWELL_DATA": "data", "GROUNDSWELL_CONFIG": str(file)}
    first = groundswell("page", "--port", "0", **settings)
    assert first.wait() == 1
    assert "no database yet" in first.err
    made = groundswell("migrate", **settings)
    assert made.wait() == 0
    command = groundswell("page", "--port", "0", folder=made.temporary.parent, **settings)
    link = eventually(lambda: re.search(r"page: (\S+)", command.out)).group(1)
    with httpx.Client(follow_redirects=True) as client:
        assert client.get(link).status_code == 200
        base = link.partition("/enter")[0]
        assert client.get(f"{base}/api/v1/overview").json()["brands"] == []
        # Brands follow the file; one that is broken changes nothing, and is told.
        file.write_text("brands: [{name: Acme}]")
        eventually(lambda: client.get(f"{base}/api/v1/overview").json()["brands"])
        file.write_text("brands: [{name: Acme, querry: x}]")
        told = eventually(lambda: client.get(f"{base}/api/v1/health").json()["settings_problem"])
        assert "brands.0.querry" in told
        assert [one["name"] for one in client.get(f"{base}/api/v1/overview").json()["brands"]] == [
            "Acme"
        ]
        # Somebody who listens for news does not hold up the end.
        with client.stream("GET", f"{base}/api/v1/events") as heard:
            lines = heard.iter_lines()
            next(lines)
            command.process.send_signal(signal.SIGINT)
            assert command.wait() == 130
            assert "news" not in "".join(lines)
    assert "Traceback" not in command.err


def test_secrets_for_the_settings(groundswell: Callable[..., Any]) -> None:
    made = groundswell("page-secret", "token")
    assert made.wait() == 0
    token, hashed = (line.partition(": ")[2] for line in made.out.splitlines())
    assert hash_token(token) == hashed
    refused = groundswell("page-secret", "password")  # nothing on stdin
    assert refused.wait() == 1
    assert "a password has" in refused.err
    assert not is_password("", refused.out)
