"""backtest, verdict, crisis and verdicts as an analyst meets them, beside a running line."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from prometheus_client import CollectorRegistry
from typer.testing import CliRunner, Result

from infra.audit import read_audit
from infra.incidents import incidents
from infra.metrics import Meter
from infra.posts import write_batch
from infra.progress import Progress, report
from infra.settings import Settings
from infra.store import Store
from infra.store_socket import serve_store
from processors.records import CleanPost, Label, ScoredPost, Sentiment
from streams.cli import app
from streams.stage import Place
from streams.watch import WatchStage

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
Run = Callable[..., Result]


@pytest.fixture
def day(store: Store, clean_post: Callable[..., CleanPost]) -> Store:
    """A day about Acme: 20 posts an hour, one in five negative; a crisis from 20 to 22 h."""
    posts: list[ScoredPost] = []
    label: Label
    for minute in range(0, 24 * 60, 3):
        crisis = 20 * 60 <= minute < 22 * 60
        for _ in range(4 if crisis else 1):
            number = len(posts)
            negative = number % 5 != 0 if crisis else number % 5 == 0
            clean = clean_post(
                post_id=f"x:{number}",
                position=number,
                cluster_id=number,
                text=f"{'battery fire' if crisis else 'a bike'} {number}",
                brands=("Acme",),
                published_at=NOON + timedelta(minutes=minute),
            )
            label = "negative" if negative else "neutral"
            sentiment = Sentiment(label, 0.8, 0.1, 0.1, "m-1")
            posts.append(ScoredPost(post=clean, sentiment=sentiment, scored_at=NOON))
    write_batch(store, posts, NOON)
    return store


@pytest.fixture
def run(store: Store, tmp_path: Path) -> Iterator[Run]:
    socket, data = tmp_path / "db.sock", tmp_path / "data"
    data.mkdir()
    server = serve_store(store, socket)
    places = {"GROUNDSWELL_SOCKET": str(socket), "GROUNDSWELL_DATA": str(data)}

    def call(*words: object, code: int = 0) -> Result:
        ran = CliRunner().invoke(app, [*map(str, words)], env=places)
        assert ran.exit_code == code, ran.output
        return ran

    yield call
    server.close()


def judge(store: Store) -> str:
    """The id of the incident that a watcher opens."""
    done = Progress(feed="test", clock=NOON + 24 * HOUR, sent=1, durable=1, state="finished")
    report(store, done, NOON)
    place = Place(Settings(), store, Meter("watch", CollectorRegistry()))
    watcher = WatchStage(place, lambda _: None)
    while watcher.judge_pass():
        pass
    (found,) = [one for one in incidents(store) if one.kind == "negative_surge"]
    return found.incident_id


def alerts(ran: Result) -> list[dict[str, object]]:
    (side,) = json.loads(ran.stdout)
    return [one for one in side["test"]["incidents"] if one["alerts"]]


def test_the_past_has_the_incident_that_the_present_had(day: Store, run: Run) -> None:
    judge(day)
    (lived,) = [one for one in incidents(day) if one.kind == "negative_surge"]
    (past,) = alerts(run("backtest", "--brand", "Acme", "--json"))
    assert datetime.fromisoformat(str(past["opened_at"])) == lived.opened_at


def test_a_person_reads_when_how_bad_and_what_to_expect(day: Store, run: Run) -> None:
    shown = run("backtest", "--brand", "Acme").stdout
    assert "Acme, balanced: 2026-03-01 12:00 to 2026-03-02 12:00 UTC, 600 posts" in shown
    assert "█" in shown
    assert "\n1 incident would have alerted" in shown
    assert "False ones to be expected: about 0.2 a week.\n" in shown
    assert max(map(len, shown.splitlines()[:3])) <= 80
    assert "No verdicts yet" in shown


def test_two_sensitivities_stand_side_by_side_in_one_picture(
    day: Store, run: Run, tmp_path: Path
) -> None:
    picture = tmp_path / "past.svg"
    shown = run("backtest", "--brand", "Acme", "--against", "calm", "--plot", picture).stdout
    assert "Acme, balanced" in shown
    assert "Acme, calm" in shown
    assert "Acme, calm" in picture.read_text(encoding="utf-8")
    ElementTree.parse(picture)


def test_a_short_span_is_drawn_without_holes(day: Store, run: Run) -> None:
    drawn = run("backtest", "--brand", "Acme", "--days", "1").stdout.splitlines()[2]
    assert "▁██████▁" in drawn  # two hours of 24 in 72 columns


def test_without_verdicts_it_says_so(day: Store, run: Run) -> None:
    assert run("verdicts").stdout == "no verdicts\n"
    assert "no verdicts\nAcme is judged as balanced" in run("verdicts", "Acme").stdout


def test_another_query_is_counted_from_stored_posts(day: Store, run: Run) -> None:
    ran = run("backtest", "--brand", "Acme", "--query", "battery fire, smoke", "--json")
    (side,) = json.loads(ran.stdout)
    assert side["title"] == "Acme, balanced, posts that name battery fire or smoke"
    assert side["test"]["posts"] == 160


def test_a_word_with_a_comma_stands_in_quotes(day: Store, run: Run) -> None:
    ran = run("backtest", "--brand", "Acme", "--query", 'nothing, "battery, fire"', "--json")
    (side,) = json.loads(ran.stdout)
    assert side["title"] == "Acme, balanced, posts that name nothing or battery, fire"
    assert side["test"]["posts"] == 0  # all of them say "battery fire"


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ('"battery, fire', "stands in double quotes"),
        ('"battery" fire', "stands in double quotes"),
        (" , ", "names no word"),
        ("smoke, \u200b", "is blank"),
    ],
)
def test_words_that_cannot_be_looked_for_are_told(
    day: Store, run: Run, query: str, why: str
) -> None:
    ran = run("backtest", "--brand", "Acme", "--query", query, code=1)
    assert why in str(ran.exception)


def test_what_was_fetched_later_counts_when_asked_for(
    store: Store, run: Run, clean_post: Callable[..., CleanPost]
) -> None:
    posts = [
        ScoredPost(
            post=clean_post(
                post_id=f"x:{number}",
                position=number,
                cluster_id=number,
                brands=("Acme",),
                published_at=NOON + timedelta(minutes=number),
                is_backfill=number > 0,
            ),
            sentiment=Sentiment("neutral", 0.1, 0.8, 0.1, "m-1"),
            scored_at=NOON,
        )
        for number in range(30)
    ]
    write_batch(store, posts, NOON)
    shown = run("backtest", "--brand", "Acme").stdout
    assert "UTC, 1 post\n" in shown
    assert "29 posts that were fetched later are left out" in shown
    shown = run("backtest", "--brand", "Acme", "--backfilled").stdout
    assert "UTC, 30 posts" in shown
    assert "left out" not in shown


def test_verdicts_judge_the_past_and_tune_the_brand(day: Store, run: Run) -> None:
    incident = judge(day)
    told = run("verdict", incident, "not-a-crisis", "--by", "ann", "--note", "a joke").stdout
    assert f"{incident}: not a crisis" in told
    assert "0.1 false incidents a week instead of 0.2 (balanced)" in told
    (side,) = json.loads(run("backtest", "--brand", "Acme", "--json").stdout)
    assert side["judged"]["false"] == 1
    assert side["judged"]["precision"] == 0
    assert "Said in the last 90 days: 1 not a crisis, 0 a crisis, 0 missed." in told
    listed = run("verdicts", "Acme").stdout
    assert listed.startswith("Times are UTC.\n")
    assert "a joke" in listed
    assert "0.1 a week, as verdicts have tuned it." in run("backtest", "--brand", "Acme").stdout
    assert read_audit(day)[0].by == "ann"


def test_a_verdict_can_be_changed_and_taken_back(day: Store, run: Run) -> None:
    incident = judge(day)
    run("verdict", incident, "not-a-crisis")
    run("verdict", incident, "crisis")
    assert "precision 100 %" in run("backtest", "--brand", "Acme").stdout
    told = run("verdict", incident, "withdraw").stdout
    assert "judged as balanced says: for 0.2 false incidents a week" in told
    assert "No verdicts yet" in run("backtest", "--brand", "Acme").stdout


def test_a_crisis_that_was_missed_counts_against_recall(day: Store, run: Run) -> None:
    span = ("--since", "2026-03-01T13:00", "--until", "2026-03-01T14:00")
    told = run("crisis", "Acme", *span).stdout
    assert "0.4 false incidents a week instead of 0.2" in told
    assert "recall 0 % (1 crisis missed)" in run("backtest", "--brand", "Acme").stdout
    run("crisis", "Acme", *span, "--withdraw")
    assert "No verdicts yet" in run("backtest", "--brand", "Acme").stdout


def test_the_watcher_heeds_verdicts(day: Store, run: Run) -> None:
    run("crisis", "Acme", "--since", "2026-03-01T13:00", "--until", "2026-03-01T14:00")
    (said,) = json.loads(run("verdicts", "--json").stdout)
    assert said["tuning"] == {"factor": 2.0, "false": 0, "confirmed": 0, "missed": 1}
    judge(day)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("backtest", "--brand", "Nobody"), "no posts about 'Nobody'"),
        (("backtest", "--brand", "Acme", "--until", "2025-01-01"), "the first post about 'Acme'"),
        (("backtest", "--brand", "Acme", "--until", "0001-01-01"), "the first post about 'Acme'"),
        (("backtest", "--brand", "Acme", "--until", "9999-12-31"), "the last post about 'Acme'"),
        (("backtest", "--brand", "Acme", "--until", "soon"), "--until soon: give a date"),
        (("verdict", "inc_nothing", "crisis"), "no incident inc_nothing"),
        (
            ("crisis", "Acme", "--since", "2026-03-02", "--until", "2026-03-01"),
            "--until has to be after --since",
        ),
        (
            ("crisis", "Acmé", "--since", "2026-03-01", "--until", "2026-03-02"),
            "no brand 'Acmé': `groundswell stats` lists",
        ),
        (
            ("crisis", "Acme", "--since", "2999-03-01", "--until", "2999-03-02"),
            "--since has to be in the past",
        ),
        (
            ("crisis", "Acme", "--since", "2026-03-01", "--until", "2999-03-02"),
            "--until has to be in the past",
        ),
        (
            ("crisis", "Acme", "--since", "2026-03-01", "--until", "2026-03-02", "--withdraw"),
            "nothing to take back",
        ),
        (("backtest", "--brand", "Acme", "--plot", "past.png"), "name it past.svg"),
        (("backtest", "--brand", "Acme", "--plot", "no/where/x.svg"), "cannot write there"),
    ],
)
def test_what_cannot_be_is_named(day: Store, run: Run, words: tuple[str, ...], says: str) -> None:
    assert says in str(run(*words, code=1).exception)
