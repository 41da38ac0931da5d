"""`worker feeds` is killed, again and again, while a platform goes on: nothing is lost."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from infra.feeds.state import feed_states
from infra.intake import given, waiting
from infra.store import Store
from infra.store_chdb import ChdbStore
from infra.store_socket import serve_store
from tests.feeds_servers.beside import beside
from tests.waiting import wait_until

Start = Callable[..., Any]


def texts(store: Store) -> set[str]:
    """Of the posts in the outbox."""
    rows = given(store, [row.key for row in waiting(store, 9_999)])
    return {json.loads(row.payload)["text"] for row in rows if row.topic == "posts.raw"}


def test_a_killed_worker_reads_again_what_it_had_not_made_durable(
    embedded: ChdbStore, store: Store, groundswell: Start, tmp_path: Path
) -> None:
    server = serve_store(embedded, tmp_path / "s")
    sent = 0
    with beside() as (platform, do):
        config = tmp_path / "groundswell.yaml"
        feed = {"name": "bluesky", "type": "jetstream", "hosts": list(platform.settings.hosts)}
        config.write_text(yaml.safe_dump({"feeds": [feed]}))
        settings = {
            "GROUNDSWELL_CONFIG": str(config),
            "GROUNDSWELL_SOCKET": str(tmp_path / "s"),
            # As the supervisor says it of its own broker: posts go to the outbox.
            "GROUNDSWELL_KAFKA": "127.0.0.1:1",
            "GROUNDSWELL_REAL_KAFKA": "false",
        }

        def rows() -> int:
            return len(waiting(store, 9_999))

        for life in range(2):
            command = groundswell("worker", "feeds", **settings)
            wait_until(platform.heard, seconds=60)
            if not life:
                wait_until(lambda: feed_states(store).get("bluesky"), seconds=60)
            before = rows()
            do(platform.garble())
            for _ in range(40):
                sent += 1
                do(platform.post(sent))
            if life < 1:
                wait_until(lambda before=before: rows() > before, seconds=60)
            else:
                wait_until(lambda last=sent: f"post {last}" in texts(store), seconds=60)
            command.process.kill()
            command.wait()
            sent += 1
            do(platform.post(sent))  # while nobody listens
        command = groundswell("worker", "feeds", **settings)
        wait_until(lambda: f"post {sent}" in texts(store), seconds=60)
        command.process.terminate()
        assert command.wait() == 0
    server.close()
    payloads = given(store, [row.key for row in waiting(store, 9_999)])
    posts = [json.loads(row.payload) for row in payloads if row.topic == "posts.raw"]
    letters = [row for row in payloads if row.topic == "posts.dlq"]
    assert {post["text"] for post in posts} == {f"post {number}" for number in range(1, sent + 1)}
    assert len({post["native_id"] for post in posts}) == sent
    assert len(letters) == 1  # twice the same bytes: one letter, however often it was read
    state = feed_states(store)["bluesky"]
    assert (state.state, state.cursor.split()[1]) == ("stopped", platform.settings.hosts[0])
