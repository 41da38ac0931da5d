"""Whoever delivers is killed at random: receivers end with the right state of every incident."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any

from standardwebhooks import Webhook

from tests.faults.delivering import NAMES, SECRET, happens
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
QUICK, MORE = (1,), (2, 3, 4)
KILLS = 3
"""Of the quick ones; the others are killed eight times as often."""


class Hook:
    """Receivers at paths of one server, which believe each id once. Some attempts go wrong.

    `on_request` is called with the number of a request before it is answered and after.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._lock = threading.Lock()
        self.requests = 0
        self.bodies: dict[tuple[str, str], set[tuple[str, int]]] = defaultdict(set)
        self.accepted: dict[tuple[str, str], list[int]] = defaultdict(list)  # receiver, incident
        self.ids: dict[str, set[str]] = defaultdict(set)
        self.wrong: list[str] = []
        self.on_request: Callable[[int, str], None] = lambda number, when: None
        self.url = ""

    def take(self, receiver: str, headers: Any, body: bytes) -> tuple[int, int]:
        """The number of the request, and what it is answered: a status, or 0 for nothing at all."""
        with self._lock:
            self.requests += 1
            number, fate = self.requests, self._random.random()
        self.on_request(number, "before")
        with self._lock:
            incident = json.loads(body)["data"]["incident"]
            message_id, timestamp = headers["webhook-id"], int(headers["webhook-timestamp"])
            if not _is_signed(message_id, timestamp, body, headers["webhook-signature"]):
                self.wrong.append(message_id)
            self.bodies[receiver, message_id].add((incident["incident_id"], incident["number"]))
            if fate < 0.1:
                return number, 500
            if fate < 0.15:
                return number, 0
            if message_id not in self.ids[receiver]:
                self.ids[receiver].add(message_id)
                self.accepted[receiver, incident["incident_id"]].append(incident["number"])
            return number, 0 if fate < 0.2 else 200  # taken, and the answer may get lost

    @contextmanager
    def serving(self) -> Iterator[None]:
        """For the time of the block."""
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                number, status = hook.take(self.path.strip("/"), self.headers, body)
                if status:
                    self.send_response(status)
                    self.send_header("content-length", "0")
                    self.end_headers()
                hook.on_request(number, "after")

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """Whoever asked was killed."""

        server = Server(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _is_signed(message_id: str, timestamp: int, body: bytes, signature: str) -> bool:
    at = datetime.fromtimestamp(timestamp, UTC)
    return Webhook(SECRET).sign(message_id, at, body.decode()) in signature.split()


def delivered_under_kills(folder: Path, seed: int, kills: int) -> tuple[Hook, dict[str, Any]]:
    """Start, kill and start again so often; then let it end. What came, and what is on disk."""
    random, hook = Random(seed), Hook(Random(seed + 1))
    began = str(time.time())
    with hook.serving():
        for _ in range(kills):
            process = _start(folder, hook.url, began)
            try:
                _kill(process, hook, random)
            finally:
                process.kill()
                process.wait()
        hook.on_request = lambda number, when: None
        process = _start(folder, hook.url, began)
        try:
            assert process.wait(180) == 0, (folder / "err.txt").read_text()[-2000:]
        finally:
            process.kill()
            process.wait()
    return hook, json.loads((folder / "done.json").read_text())


def _start(folder: Path, url: str, began: str) -> subprocess.Popen[bytes]:
    with (folder / "err.txt").open("ab") as err, (folder / "out.txt").open("ab") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.faults.delivering", str(folder), url, began],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )


def _kill(process: "subprocess.Popen[bytes]", hook: Hook, random: Random) -> None:
    """At one of the next requests, before it is answered or after; now and then a little later."""
    goal = hook.requests + random.randint(1, 30)
    moment = random.choice(["before", "after"])
    delay = random.choice([0.0, 0.0, random.uniform(0, 0.05)])

    def at(number: int, when: str) -> None:
        if number >= goal and when == moment:
            if delay:
                threading.Timer(delay, process.send_signal, [signal.SIGKILL]).start()
            else:
                process.send_signal(signal.SIGKILL)

    hook.on_request = at
    wait_until(lambda: process.poll() is not None, seconds=120, what="the end of the process")


def told_rightly(hook: Hook, found: dict[str, Any]) -> None:
    """Every change at every receiver once by its id, in order, up to the last; nothing is left."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for event in happens():
        numbers[event.change.incident_id].append(event.change.number)
    over = {
        (receiver, event_ids[0].rpartition(".")[0])
        for receiver, _, decision, reason, event_ids in found["notices"]
        if decision == "skip" and reason == "over"
    }
    for receiver in NAMES:
        for incident, expected in numbers.items():
            came = hook.accepted[receiver, incident]
            if (receiver, incident) in over:
                assert came == []
            else:
                assert came == expected, (receiver, incident)
    assert hook.wrong == []
    assert all(len(said) == 1 for said in hook.bodies.values())  # an id says the same each time
    ends = defaultdict(list)
    for receiver, event_id, _, outcome in found["deliveries"]:
        if outcome != "retry":
            ends[receiver, event_id].append(outcome)
    sent = {(name, notice_id) for name, notice_id, what, _, _ in found["notices"] if what == "send"}
    assert ends.keys() == sent
    assert all(outcomes == ["delivered"] for outcomes in ends.values())


def test_killed_at_random_every_receiver_ends_with_the_right_state(
    seed: int, tmp_path: Path
) -> None:
    hook, found = delivered_under_kills(tmp_path, seed, KILLS if seed in QUICK else 8 * KILLS)
    told_rightly(hook, found)
    assert hook.requests > 190
