"""rescore and reports as a person meets them, beside a database that somebody else has open."""

import json
import re
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.posts import write_batch
from infra.reports import Report, reports_of, write_reports
from infra.store import Store
from infra.store_socket import serve_store
from processors.records import CleanPost, ScoredPost, Sentiment
from streams.cli_rescore import _lines
from streams.failures import UsageError
from streams.reports import as_json, as_text, moment_of
from streams.rescore import Rescored
from streams.rescore import as_text as rescored_text

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
POSTS = 400


@pytest.fixture
def socket(store: Store, clean_post: Callable[..., CleanPost], tmp_path: Path) -> Iterator[str]:
    """The socket of a database with POSTS posts about Acme, all called negative."""
    batch = [
        ScoredPost(
            post=clean_post(
                post_id=f"x:{n}",
                position=n,
                cluster_id=n,
                text=f"good word number {n}",
                key_text=f"good word number {n}",
                lang="de",
                published_at=NOON + n * timedelta(minutes=1),
            ),
            sentiment=Sentiment("negative", 0.8, 0.1, 0.1, "m1"),
            scored_at=NOON,
        )
        for n in range(POSTS)
    ]
    write_batch(store, batch, NOON)
    server = serve_store(store, tmp_path / "db.sock")
    yield str(tmp_path / "db.sock")
    server.close()


def labels(store: Store) -> dict[str, int]:
    return dict(store.query("SELECT sentiment, count() FROM counted_posts GROUP BY sentiment"))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_stopped_or_killed_the_same_command_goes_on(
    store: Store,
    socket: str,
    several_exits: Path,
    groundswell: Callable[..., Any],
    eventually: Callable[..., Any],
    how: signal.Signals,
) -> None:
    words = ("rescore", "--model", several_exits, "--json")
    first = groundswell(*words, "--rate", 50, GROUNDSWELL_SOCKET=socket)
    written = "SELECT count() FROM posts FINAL WHERE next_scoring > 0"
    eventually(lambda: store.query(written)[0][0] >= 50, seconds=60, what="the first page")
    first.process.send_signal(how)
    assert first.wait() == (-how if how == signal.SIGKILL else 130)
    if how == signal.SIGINT:
        assert "what is scored is kept: the same command goes on" in first.err
        assert "Traceback" not in first.err
    [(done,)] = store.query(written)
    assert 0 < done < POSTS
    assert labels(store) == {"negative": POSTS}
    second = groundswell(*words, "--rate", 0, GROUNDSWELL_SOCKET=socket)
    assert second.wait() == 0, second.err
    # The model calls every German text positive.
    assert labels(store) == {"positive": POSTS}
    [told] = json.loads(second.out)
    assert told == {
        "brand": "Acme",
        "number": 1,
        "model": "several-1",
        "posts": POSTS,
        "changed": {"negative": {"positive": POSTS}},
    }


def test_nothing_to_do_and_a_brand_nobody_knows(
    store: Store, socket: str, several_exits: Path, groundswell: Callable[..., Any]
) -> None:
    words = ("rescore", "--model", several_exits)
    first = groundswell(*words, "--rate", 0, GROUNDSWELL_SOCKET=socket)
    assert first.wait() == 0, first.err
    assert first.out == "Acme: 400 posts now by several-1; negative -> positive: 400\n"
    again = groundswell(*words, GROUNDSWELL_SOCKET=socket)
    assert again.wait() == 0, again.err
    assert again.out == "nothing to do: every score is by this model\n"
    refused = groundswell(*words, "--brand", "Nobody", GROUNDSWELL_SOCKET=socket)
    assert refused.wait() == 1
    assert refused.err == "groundswell: no posts about Nobody; there are Acme\n"
    assert labels(store) == {"positive": POSTS}


def report(minute: int, number: int, volume: int, reason: Any) -> Report:
    return Report(
        brand="Acme",
        bucket=NOON + timedelta(minutes=minute),
        number=number,
        volume=volume,
        negative=volume // 2,
        at=NOON + timedelta(hours=number + 1),
        reason=reason,
    )


REPORTS = [
    report(0, 0, 10, "judged"),
    report(0, 1, 12, "late"),
    report(0, 2, 9, "erased"),
    report(5, 1, 4, "backfill"),
]


def test_reports_are_a_line_a_bucket() -> None:
    assert as_text(REPORTS).splitlines() == [
        "bucket (UTC)             first told                now  why and when (UTC)",
        "2026-03-01 12:00         10 (5 neg)          9 (4 neg)  late, erased; 2026-03-01 15:00",
        "2026-03-01 12:05          0 (0 neg)          4 (2 neg)  backfill; 2026-03-01 14:00",
    ]
    assert as_text([]) == "nothing was told anew"
    assert [each["reason"] for each in json.loads(as_json(REPORTS))] == [
        "judged",
        "late",
        "erased",
        "backfill",
    ]


def test_the_command_reports(store: Store, socket: str, groundswell: Callable[..., Any]) -> None:
    write_reports(store, REPORTS)
    whole = groundswell("reports", "Acme", GROUNDSWELL_SOCKET=socket)
    assert whole.wait() == 0, whole.err
    assert whole.out == as_text(reports_of(store, "Acme")) + "\n"
    some = groundswell(
        "reports", "Acme", "--since", "2026-03-01T12:05", "--json", GROUNDSWELL_SOCKET=socket
    )
    assert some.wait() == 0, some.err
    assert [each["number"] for each in json.loads(some.out)] == [1]
    wrong = groundswell("reports", "Acme", "--since", "noon", GROUNDSWELL_SOCKET=socket)
    assert wrong.wait() == 1
    assert re.fullmatch(r"groundswell: --since noon: give a date or time.*\n", wrong.err)


def test_a_moment_is_utc_unless_it_says_otherwise() -> None:
    assert moment_of("2026-03-01T12:00") == NOON
    assert moment_of("2026-03-01T13:00+01:00") == NOON
    assert moment_of("").year == 1970
    with pytest.raises(UsageError, match="--since 1h"):
        moment_of("1h")


def test_without_a_terminal_a_line_now_and_then() -> None:
    said: list[str] = []
    at = [0.0]
    told = _lines(said.append, lambda: at[0])
    for second in range(25):
        at[0] = second
        told("Acme", second * 100, 2500)
    assert said == ["Acme: 1,000 of 2,500 posts", "Acme: 2,000 of 2,500 posts"]


def test_what_a_scoring_came_to_is_told_in_words() -> None:
    changed = {"negative": {"neutral": 1_200, "positive": 3}, "neutral": {"negative": 1}}
    done = [
        Rescored(brand="Acme", number=1, model="m2", posts=9_000, changed=changed),
        Rescored(brand="Delta", number=1, model="m2", posts=2, changed={}),
    ]
    assert rescored_text(done).splitlines() == [
        "Acme: 9,000 posts now by m2; negative -> neutral: 1,200; negative -> positive: 3; "
        "neutral -> negative: 1",
        "Delta: 2 posts now by m2; no label changed",
    ]
