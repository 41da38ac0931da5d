"""Posts that others write to the running line: Ctrl-C loses none, and runs do not mix."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kafka import KafkaProducer

from infra.open_store import SOCKET_FILE
from infra.store import StoreError
from infra.store_socket import SocketStore

Eventually = Callable[..., Any]
Start = Callable[..., Any]
POSTS = 1_000
COUNT = """
import json, sys
from pathlib import Path
from infra.store_chdb import ChdbStore
store = ChdbStore(Path(sys.argv[1]) / "database")
print(json.dumps({
    "stored": store.query("SELECT uniqExact(post_id) FROM posts FINAL")[0][0],
    "brands": [row[0] for row in store.query("SELECT DISTINCT brand FROM posts FINAL ORDER BY 1")],
    "dead": [row[0] for row in store.query("SELECT payload FROM dead_letters FINAL ORDER BY 1")],
    "repeats": store.query("SELECT countIf(outcome = 'repeat') FROM receipts FINAL")[0][0],
}))
"""


def posts(first: int, count: int, brand: str = "Delta") -> bytes:
    now = datetime.now(UTC).isoformat()
    return json.dumps(
        [
            {
                "source": "test",
                "native_id": str(number),
                "text": f"{brand} lost bag number {number} and nobody answers the phone",
                "published_at": now,
                "brands": [brand],
            }
            for number in range(first, first + count)
        ]
    ).encode()


def receipts(data: Path) -> int:
    """How many the running line has written."""
    try:
        store = SocketStore(Path((data / SOCKET_FILE).read_text()))
    except FileNotFoundError:
        return 0
    try:
        return int(store.query("SELECT count() FROM receipts FINAL")[0][0])
    except StoreError:  # not ready, or no tables yet
        return 0
    finally:
        store.close()


def run_and_interrupt(
    groundswell: Start,
    eventually: Eventually,
    data: Path,
    messages: list[bytes],
    *,
    until: int = 0,
) -> None:
    """Start the line, hand it messages until its broker has them, and press Ctrl-C.

    At once, or when there are `until` receipts.
    """
    command = groundswell("run", GROUNDSWELL_DATA=str(data))
    address = eventually(
        lambda: re.search(r"127\.0\.0\.1:\d+", command.out), seconds=30, what="the address"
    )[0]
    producer = KafkaProducer(bootstrap_servers=address, acks="all", enable_idempotence=False)
    for message in messages:
        producer.send("posts.raw", message).get(10)
    producer.close()
    eventually(lambda: len(command.children()) == 4, seconds=60, what="all processes")
    if until:
        eventually(lambda: receipts(data) == until, seconds=120, what=f"{until} receipts")
    command.process.send_signal(signal.SIGINT)
    assert command.wait(90) == 130, command.err
    assert list(command.temporary.iterdir()) == []


def test_what_the_broker_has_is_written_before_the_end(
    groundswell: Start, eventually: Eventually, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    arrays = [posts(first, 100) for first in range(0, POSTS, 100)]
    # A brand that looks like markup of the terminal's must not matter to it.
    odd = posts(POSTS, 1, brand="[/x]")
    run_and_interrupt(groundswell, eventually, data, [b"garbage one", *arrays, odd])
    run_and_interrupt(groundswell, eventually, data, [b"garbage two", posts(0, 10)])
    counted = subprocess.run(
        [sys.executable, "-c", COUNT, str(data)], capture_output=True, text=True, check=True
    )
    assert json.loads(counted.stdout) == {
        "stored": POSTS + 1,
        "brands": ["Delta", "[/x]"],
        "dead": ["garbage one", "garbage two"],
        "repeats": 10,
    }


LEFT = """
import json, sys
from pathlib import Path
from infra.store_chdb import ChdbStore
store = ChdbStore(Path(sys.argv[1]) / "database")
rows = store.query("SELECT brand, post_id, text, author FROM counted_posts ORDER BY post_id, brand")
outcomes = store.query("SELECT outcome, count() FROM receipts FINAL GROUP BY 1 ORDER BY 1")
print(json.dumps({"rows": rows, "outcomes": dict(outcomes)}))
"""


def test_edits_and_erasures_go_through_the_line_and_hold_when_all_is_sent_again(
    groundswell: Start, eventually: Eventually, tmp_path: Path
) -> None:
    now = datetime.now(UTC).isoformat()

    def item(number: int, text: str, author: str, **more: str) -> dict[str, str | list[str]]:
        ids = {"source": "test", "native_id": str(number), "published_at": now, "author": author}
        brands = [word for word in ("Delta", "Acme") if word in text]
        return {**ids, "text": text, "brands": brands, **more}

    first = [
        item(1, "Delta lost my bag", "@ann"),
        item(2, "Delta is late", "bob"),
        item(3, "Delta again", "cy"),
    ]
    life = [
        item(1, "Acme found my bag", "Ann", kind="edit"),
        {"kind": "delete", "source": "test", "native_id": "2"},
        {"kind": "account_delete", "source": "test", "author": "@cy"},
    ]
    data = tmp_path / "data"
    for number, messages in enumerate([[first, life], [life, first]], start=1):
        encoded = [json.dumps(message).encode() for message in messages]
        run_and_interrupt(groundswell, eventually, data, encoded, until=6 * number)
        counted = subprocess.run(
            [sys.executable, "-c", LEFT, str(data)], capture_output=True, text=True, check=True
        )
        left = json.loads(counted.stdout)
        [(brand, post_id, text, author)] = left["rows"]
        assert (brand, post_id, text) == ("Acme", "test:1", "Acme found my bag")
        assert re.fullmatch("~[0-9a-f]{16}", author)
    assert left["outcomes"] == {"edited": 2, "erased": 4, "repeat": 3, "stored": 3}
