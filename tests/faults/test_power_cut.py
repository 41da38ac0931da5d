"""Everything is killed at once, as by a power cut, and started again by the same command.

A failure prints the seed that gives the same moments again.
"""

import csv
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.store import Store, StoreError
from infra.store_socket import SocketStore

Eventually = Callable[..., Any]
Start = Callable[..., Any]
Post = dict[str, Any]
SEED = 20_260_301
ROWS = 2_000
CUTS = 20
PUSHED = 3_000
LIVES = 8
STORED = """
import json, sys
from pathlib import Path
from infra.store_chdb import ChdbStore
store = ChdbStore(Path(sys.argv[1]) / "database")
print(json.dumps({
    "posts": store.query(
        "SELECT brand, post_id, toString(published_at), text, sentiment, is_spam, is_repost "
        "FROM counted_posts ORDER BY 1, 2"
    ),
    "outcomes": store.query(
        "SELECT outcome, reason, count() FROM receipts FINAL GROUP BY 1, 2 ORDER BY 1, 2"
    ),
    "dead": [row[0] for row in store.query("SELECT payload FROM dead_letters FINAL ORDER BY 1")],
    "waiting": store.query("SELECT count() FROM outbox")[0][0],
}))
"""


def made(count: int, seed: int = 5) -> list[Post]:
    """Posts about two brands: some ids come again, some are no posts, some are about nobody."""
    chance = random.Random(seed)
    at = datetime(2025, 3, 1, 8, tzinfo=UTC)
    posts: list[Post] = []
    for number in range(count):
        at += timedelta(seconds=chance.randrange(1, 20))
        brand = chance.choice(("delta", "jetblue"))
        word = chance.choice(
            ("lost my bag again, I hate them", "was great today", "flies on Monday")
        )
        post = {"native_id": str(number), "published_at": at.isoformat(), "brand": brand}
        post["text"] = f"{brand} {word} {chance.randrange(90)}"
        kind = chance.random()
        if kind < 0.05 and posts:
            post["native_id"] = chance.choice(posts)["native_id"]
        elif kind < 0.07:
            post["published_at"] = f"yesterday {number}"
        elif kind < 0.09:
            post["brand"] = ""
            post["text"] = f"about nobody {number}"
        posts.append(post)
    return posts


def line_of(post: Post) -> bytes:
    """A post as `push` reads it."""
    brands = [post["brand"]] if post["brand"] else []
    fields = {name: value for name, value in post.items() if name != "brand"}
    return json.dumps({"source": "test", "brands": brands, **fields}).encode() + b"\n"


def stored(data: Path) -> dict[str, Any]:
    """What is in the database of a line that does not run."""
    done = subprocess.run(
        [sys.executable, "-c", STORED, str(data)], capture_output=True, text=True, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def cut(command: Any, eventually: Eventually) -> None:
    """Kill it and all it started at once."""
    pids = [command.process.pid, *command.children().values()]
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    command.process.wait()
    eventually(lambda: not any(map(is_alive, pids)), what="the end of all processes")


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def asked(command: Any, question: Callable[[Store], Any], otherwise: Any) -> Any:
    """An answer of the running line's database, if there is one."""
    for socket in command.temporary.glob("groundswell-*/db.sock"):
        store = SocketStore(socket, timeout=5)
        try:
            return question(store)
        except StoreError:
            continue  # not there yet, or a life before left it
        finally:
            store.close()
    return otherwise


def on_disk(command: Any) -> int:
    return int(
        asked(command, lambda store: store.query("SELECT count() FROM receipts FINAL")[0][0], 0)
    )


def has_ended(command: Any) -> bool:
    return command.process.poll() is not None


def until(moment: float, command: Any, eventually: Eventually) -> None:
    """Wait for a moment of the monotonic clock, or the end of the command."""
    eventually(
        lambda: time.monotonic() >= moment or has_ended(command), seconds=60, what="the moment"
    )


def check_life(command: Any) -> None:
    """A life that ended by itself before it was killed ended well."""
    if has_ended(command):
        assert command.process.returncode == 0, command.err + command.out


@pytest.mark.faults
@pytest.mark.timeout(1_200)
def test_twenty_power_cuts_in_one_replay_change_nothing(
    groundswell: Start, tmp_path: Path, eventually: Eventually
) -> None:
    file = tmp_path / "posts.csv"
    posts = made(ROWS)
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(posts[0]))
        writer.writeheader()
        writer.writerows(posts)
    calm = groundswell(
        "replay", file, "--data", tmp_path / "calm", "--summary", tmp_path / "calm.json"
    )
    assert calm.wait(150) == 0, calm.err

    summary, data, place = tmp_path / "cut.json", tmp_path / "data", tmp_path / "p"
    # So slow that the cuts find it everywhere: a life is not enough.
    arguments = ("replay", file, "--data", data, "--summary", summary, "--speed", "300")
    chance = random.Random(SEED)
    # A third of them while it starts, the others when it has come further, or is at its end.
    early = set(chance.sample(range(CUTS), CUTS // 3))
    before = 0
    reached = []
    for number in range(CUTS):
        command = groundswell(*arguments, folder=place)
        began = time.monotonic()
        if number in early:
            until(began + chance.uniform(0.0, 5.0), command, eventually)
        else:
            target = min(before + 1, ROWS)
            eventually(
                lambda command=command, target=target: (
                    has_ended(command) or on_disk(command) >= target
                ),
                seconds=90,
                what=f"{target} rows on disk (seed {SEED}, cut {number})",
            )
            until(time.monotonic() + chance.uniform(0.0, 1.5), command, eventually)
            before = max(before, on_disk(command))
        reached.append((number, on_disk(command), round(time.monotonic() - began, 1)))
        check_life(command)
        cut(command, eventually)
    command = groundswell(*arguments, folder=place)
    assert command.wait(150) == 0, f"seed {SEED}: {command.err}"

    told = f"seed {SEED}, cuts (number, rows on disk, seconds): {reached}"
    assert len({rows for _, rows, _ in reached if 0 < rows < ROWS}) >= 5, told  # in the middle
    assert plain(summary) == plain(tmp_path / "calm.json"), told
    assert stored(data) == stored(tmp_path / "calm"), told
    left = sorted(path.name for path in data.iterdir())
    assert left == ["author.key", "database", "groundswell.lock"]
    assert list((place / "t").glob("groundswell-*")) == []


def plain(summary: Path) -> Mapping[str, Any]:
    """Figures of a replay that do not depend on how long it took."""
    figures: dict[str, Any] = json.loads(summary.read_bytes())
    return {name: figures[name] for name in figures.keys() - {"seconds", "posts_per_second"}}


def truth(posts: Sequence[Post]) -> dict[str, Any]:
    """What pushing these once or oftener must come to."""
    ids: dict[str, Post] = {}
    outcomes = {"dead": 0, "dropped": 0, "repeat": 0, "stored": 0}
    dead = []
    for post in posts:
        if post["published_at"].startswith("yesterday"):
            outcomes["dead"] += 1
            dead.append(line_of(post).decode().rstrip())
        elif not post["brand"]:
            outcomes["dropped"] += 1
        elif post["native_id"] in ids:
            outcomes["repeat"] += 1
        else:
            outcomes["stored"] += 1
            ids[post["native_id"]] = post
    brands = [[post["brand"], f"test:{name}", post["text"]] for name, post in ids.items()]
    return {"outcomes": outcomes, "dead": sorted(dead), "posts": sorted(brands)}


def check_pushed(data: Path, posts: Sequence[Post], told: str) -> None:
    """The database of a stopped line holds what was pushed, each once."""
    found = stored(data)
    outcomes = dict.fromkeys(("dead", "dropped", "repeat", "stored"), 0)
    for outcome, _reason, count in found["outcomes"]:
        outcomes[outcome] += count
    expected = truth(posts)
    assert outcomes == expected["outcomes"], told
    assert found["dead"] == expected["dead"], told
    assert [[brand, name, text] for brand, name, _, text, *_ in found["posts"]] == expected[
        "posts"
    ], told
    assert {row[4] for row in found["posts"]} <= {"negative", "neutral", "positive"}
    assert found["waiting"] == 0, told


def is_through(command: Any, count: int) -> bool:
    """Whether `count` rows have an outcome and nothing waits."""
    assert not has_ended(command), command.err
    waiting = asked(command, lambda store: store.query("SELECT count() FROM outbox")[0][0], -1)
    return on_disk(command) >= count and waiting == 0


def interrupt(command: Any) -> None:
    command.process.send_signal(signal.SIGINT)
    assert command.wait(90) == 130, command.err


@pytest.mark.faults
@pytest.mark.timeout(1_200)
def test_what_a_pusher_was_told_is_accepted_survives_power_cuts(
    groundswell: Start, tmp_path: Path, eventually: Eventually
) -> None:
    posts, data, place = made(PUSHED), tmp_path / "data", tmp_path / "p"
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    chance = random.Random(SEED + 1)
    told = f"seed {SEED + 1}"
    pusher = groundswell("push", pipe, "--json", GROUNDSWELL_DATA=str(data))
    with pipe.open("wb", buffering=0) as out:
        writers = []
        for number in range(LIVES):
            line = groundswell("run", folder=place, GROUNDSWELL_DATA=str(data))
            some = b"".join(
                map(line_of, posts[number * PUSHED // LIVES : (number + 1) * PUSHED // LIVES])
            )
            # The pipe is full while no line runs.
            writers.append(threading.Thread(target=out.write, args=(some,)))
            if len(writers) > 1:
                writers[-2].join(60)
            writers[-1].start()
            before = accepted(pusher)
            if chance.random() < 0.7:
                eventually(
                    lambda line=line, before=before: (
                        accepted(pusher) > before + 50 or pusher.process.poll() is not None
                    ),
                    seconds=90,
                    what=f"something accepted ({told}, life {number})",
                )
            until(time.monotonic() + chance.uniform(0.0, 2.5), line, eventually)
            assert not has_ended(line), line.err
            cut(line, eventually)
        line = groundswell("run", folder=place, GROUNDSWELL_DATA=str(data))
        for writer in writers:
            writer.join(60)
    assert pusher.wait(120) == 0, pusher.err
    bad = truth(posts)["outcomes"]["dead"]
    last = json.loads(pusher.out.splitlines()[-1])
    assert last == {"accepted": PUSHED, "unreadable": bad, "refused": 0}
    eventually(lambda: is_through(line, PUSHED), seconds=120, what=f"all outcomes ({told})")
    interrupt(line)
    check_pushed(data, posts, told)


def accepted(pusher: Any) -> int:
    lines = [line for line in pusher.out.split("\n")[:-1] if line]
    return int(json.loads(lines[-1])["accepted"]) if lines else 0


def test_the_death_of_the_broker_loses_nothing_that_was_pushed(
    groundswell: Start, tmp_path: Path, eventually: Eventually
) -> None:
    posts, data = made(600), tmp_path / "data"
    file = tmp_path / "posts.jsonl"
    file.write_bytes(b"".join(map(line_of, posts)))
    line = groundswell("run", GROUNDSWELL_DATA=str(data))
    pusher = groundswell("push", file, GROUNDSWELL_DATA=str(data))
    assert pusher.wait(60) == 0, pusher.err
    broker = eventually(lambda: line.children().get("broker"), seconds=20, what="the broker")
    os.kill(broker, signal.SIGKILL)
    assert "600 accepted" in pusher.out
    eventually(lambda: is_through(line, 600), seconds=90, what="all outcomes")
    assert "starting the line again" in line.err
    again = groundswell("push", file, GROUNDSWELL_DATA=str(data))
    assert again.wait(60) == 0, again.err
    eventually(lambda: is_through(line, 600), seconds=30, what="nothing waiting")
    interrupt(line)
    # The same file again is the same rows: not even bad ones are there twice.
    check_pushed(data, posts, "")


def test_ctrl_c_ends_a_push_that_waits(
    groundswell: Start, tmp_path: Path, eventually: Eventually
) -> None:
    file = tmp_path / "posts.jsonl"
    file.write_bytes(line_of(made(1)[0]))
    command = groundswell("push", file, GROUNDSWELL_DATA=str(tmp_path / "data"))
    eventually(lambda: "waiting: no line runs" in command.err, seconds=30, what="the waiting")
    command.process.send_signal(signal.SIGINT)
    assert command.wait(20) == 130
    assert command.out == "0 accepted; stopped; the same command again is safe\n"
    assert command.err.splitlines()[-1] == "stopped"
