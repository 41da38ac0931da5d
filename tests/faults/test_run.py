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


def run_and_interrupt(
    groundswell: Start, eventually: Eventually, data: Path, messages: list[bytes]
) -> None:
    """Start the line, hand it messages until its broker has them, and press Ctrl-C at once."""
    command = groundswell("run", GROUNDSWELL_DATA=str(data))
    address = eventually(
        lambda: re.search(r"127\.0\.0\.1:\d+", command.out), seconds=30, what="the address"
    )[0]
    producer = KafkaProducer(bootstrap_servers=address, acks="all", enable_idempotence=False)
    for message in messages:
        producer.send("posts.raw", message).get(10)
    producer.close()
    eventually(lambda: len(command.children()) == 5, seconds=20, what="all processes")
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
