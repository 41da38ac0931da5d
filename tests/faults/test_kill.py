"""Kill any process of the line in the middle of a replay: the same comes of it."""

import csv
import json
import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.store import StoreError
from infra.store_socket import SocketStore

Eventually = Callable[..., Any]
Start = Callable[..., Any]
Figures = dict[str, Any]
BRANDS = ("united", "delta", "jetblue")
ROWS = 2_000
SENTENCES = (
    "I hate {brand}, they lost my bag again and nobody answers. {n}",
    "{brand} was great today, thank you for the kind crew at gate {n}",
    "Flying {brand} flight {n} on Monday, does anybody know the terminal?",
    "{brand} cancelled flight {n}, worst service ever, I want a refund",
)
MIDDLE = 150
"""Rows on disk when something is killed; there are many more to come."""
WORKERS = ("score", "keep", "refine", "feed")


def rows(seed: int = 11) -> list[dict[str, str]]:
    """Posts about three brands: some ids come again, some rows are bad, some are about nobody."""
    chance = random.Random(seed)
    at = datetime(2025, 3, 1, 8, tzinfo=UTC)
    made: list[dict[str, str]] = []
    for number in range(ROWS):
        at += timedelta(seconds=chance.randrange(1, 30))
        brand = chance.choice(BRANDS)
        text = chance.choice(SENTENCES).format(brand=brand, n=chance.randrange(60))
        row = {"id": str(number), "time": at.isoformat(), "author": f"a{number % 300}"}
        row |= {"brand": brand, "text": text}
        kind = chance.random()
        if kind < 0.05 and made:
            row["id"] = chance.choice(made)["id"]
        elif kind < 0.07:
            row["time"] = "yesterday"
        elif kind < 0.09:
            row["brand"] = ""
        made.append(row)
    return made


def truth(all_rows: list[dict[str, str]]) -> Figures:
    """What a replay of these must come to, but for labels and incidents."""
    seen: set[str] = set()
    brands: Counter[str] = Counter()
    figures: Figures = {"posts_read": len(all_rows), "repeats_dropped": 0, "dead_letters": 0}
    figures |= {"edited": 0, "erased": 0}
    dropped = 0
    for row in all_rows:
        if row["time"] == "yesterday":
            figures["dead_letters"] += 1
        elif not row["brand"]:
            dropped += 1
        elif row["id"] in seen:
            figures["repeats_dropped"] += 1
        else:
            seen.add(row["id"])
            brands[row["brand"]] += 1
    figures["posts_stored"] = len(seen)
    figures["dead"] = {"unreadable_time": figures["dead_letters"]}
    figures["dropped"] = {"no_brand": dropped}
    figures["brands"] = dict(brands)
    return figures


def check(figures: Figures, expected: Figures) -> None:
    assert {**figures, "brands": {b: c["posts"] for b, c in figures["brands"].items()}} == {
        **expected,
        "seconds": figures["seconds"],
        "posts_per_second": figures["posts_per_second"],
        "incidents": figures["incidents"],
    }
    for counts in figures["brands"].values():
        assert counts["posts"] == sum(counts[x] for x in ("negative", "neutral", "positive"))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("posts") / "posts.csv"
    made = rows()
    with path.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(made[0]))
        writer.writeheader()
        writer.writerows(made)
    return path


@pytest.fixture(scope="module")
def undisturbed(groundswell_of_module: Start, file: Path) -> Figures:
    """The summary of a run that nothing happens to."""
    command = groundswell_of_module("replay", file, "--summary", file.parent / "summary.json")
    return finished(command, file.parent / "summary.json")


def on_disk(command: Any) -> int:
    """Rows that have an outcome on disk, asked of the running line itself."""
    sockets = list(command.temporary.glob("groundswell-*/db.sock"))
    if not sockets:
        return 0
    store = SocketStore(sockets[0], timeout=5)
    try:
        count = store.query("SELECT count() FROM receipts FINAL")[0][0]
    except StoreError:
        return 0
    finally:
        store.close()
    return int(count)


def are_new(command: Any, names: set[str], before: dict[str, int]) -> bool:
    now = command.children()
    return all(name in now and now[name] != before.get(name) for name in names)


def is_in_the_middle(command: Any) -> bool:
    assert command.process.poll() is None, command.err
    return bool(on_disk(command) >= MIDDLE)


def finished(command: Any, summary: Path) -> Figures:
    assert command.wait(150) == 0, command.err + command.out
    assert list(command.temporary.iterdir()) == []
    figures: Figures = json.loads(summary.read_bytes())
    return figures


def test_undisturbed(undisturbed: Figures) -> None:
    check(undisturbed, truth(rows()))


def test_killing_each_in_turn_changes_no_count(
    groundswell: Start,
    file: Path,
    tmp_path: Path,
    eventually: Eventually,
    undisturbed: Figures,
) -> None:
    summary = tmp_path / "summary.json"
    command = groundswell("replay", file, "--summary", summary)
    eventually(lambda: is_in_the_middle(command), seconds=60, what="the middle of the replay")
    for victim in ("broker", "score", "keep", "refine", "feed"):
        pids = eventually(
            lambda victim=victim: victim in (found := command.children()) and found, what=victim
        )
        os.kill(pids[victim], signal.SIGKILL)
        # One at a time: who dies while the whole line starts again is not started by itself.
        again = set(WORKERS) if victim == "broker" else {victim}
        eventually(
            lambda again=again, pids=pids: are_new(command, again, pids),
            seconds=60,
            what=f"{', '.join(again)} again",
        )
    figures = finished(command, summary)
    check(figures, truth(rows()))
    for name in ("score", "keep", "refine"):
        assert f'"worker": "{name}"' in command.err
    assert "starting the line again" in command.err
    assert figures["brands"] == undisturbed["brands"]
    assert figures["incidents"] == undisturbed["incidents"]


def test_the_end_of_the_supervisor_is_the_end_of_all_and_the_same_command_goes_on(
    groundswell: Start, file: Path, tmp_path: Path, eventually: Eventually, undisturbed: Figures
) -> None:
    summary, data = tmp_path / "summary.json", tmp_path / "data"
    arguments = ("replay", file, "--summary", summary, "--data", data)
    command = groundswell(*arguments)
    eventually(lambda: is_in_the_middle(command), seconds=60, what="some rows on disk")
    pids = command.children().values()
    assert len(pids) == 5
    command.process.kill()
    eventually(lambda: not any(map(is_alive, pids)), what="the end of all processes")

    figures = finished(groundswell(*arguments), summary)
    check(figures, truth(rows()))
    assert figures["brands"] == undisturbed["brands"]
    assert figures["incidents"] == undisturbed["incidents"]
    # Only the database and the key of authors' pseudonyms are in the folder.
    left = sorted(path.name for path in data.iterdir())
    assert left == ["author.key", "database", "groundswell.lock"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_leaves_nothing(
    number: signal.Signals, groundswell: Start, file: Path, eventually: Eventually
) -> None:
    command = groundswell("replay", file)
    if number == signal.SIGINT:
        eventually(lambda: is_in_the_middle(command), seconds=60, what="some rows on disk")
    else:  # while it starts
        eventually(lambda: len(command.children()) > 2, seconds=60, what="some processes")
    pids = command.children().values()
    os.kill(command.process.pid, number)
    assert command.wait(30) == 130
    assert command.err.splitlines()[-1] == "stopped"
    assert not any(map(is_alive, pids))
    assert list(command.temporary.iterdir()) == []


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"
