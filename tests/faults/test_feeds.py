"""Feeds in a whole line: whatever is killed, each post counts once, and the line goes on."""

import json
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from infra.open_store import open_running
from infra.settings import Settings
from infra.store import StoreError
from tests.feeds_servers.beside import beside
from tests.waiting import wait_until

pytestmark = pytest.mark.faults
TOKEN = "a-token-that-is-long-enough"
COUNTED = "SELECT uniqExact(post_id), count() FROM counted_posts WHERE brand = 'Post'"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def test_a_line_with_feeds_counts_each_post_once_whatever_is_killed(
    groundswell: Callable[..., Any], tmp_path: Path
) -> None:
    port = free_port()
    data = tmp_path / "data"
    with beside() as (platform, do):
        feed = {"name": "bluesky", "type": "jetstream", "hosts": list(platform.settings.hosts)}
        dead = {"name": "dead", "type": "rss", "urls": ["https://nowhere.invalid/feed"]}
        config = tmp_path / "groundswell.yaml"
        settings = {
            "data": str(data),
            "brands": [{"name": "Post"}],
            "feeds": [feed, dead],
            "push": {"port": port, "tokens": [{"source": "forum", "token": TOKEN}]},
        }
        config.write_text(yaml.safe_dump(settings))
        line = groundswell("run", GROUNDSWELL_CONFIG=str(config))
        wait_until(platform.heard, seconds=90, what="the feed")

        def counted() -> tuple[int, int]:
            try:
                store = open_running(Settings(data=data))
                try:
                    [(posts, rows)] = store.query(COUNTED)
                finally:
                    store.close()
            except StoreError:
                return 0, 0
            return posts, rows

        sent = 0
        for victim in ("feeds", "keep", "feeds", "feed", "broker"):
            for _ in range(20):
                sent += 1
                do(platform.post(sent))
            os.kill(line.children()[victim], signal.SIGKILL)
            sent += 1
            do(platform.post(sent))
            wait_until(lambda last=sent: counted()[0] == last, seconds=120, what=f"after {victim}")
        answer = wait_until(lambda: pushed(port), seconds=60, what="push")
        assert answer.json()["accepted"] == 2
        wait_until(lambda: counted()[0] == sent + 1, seconds=60, what="what was pushed")
        assert counted() == (sent + 1, sent + 1)
        told = groundswell("feeds", "status", "--json", GROUNDSWELL_CONFIG=str(config))
        assert told.wait() == 0, told.err
        status = {one["name"]: one for one in json.loads(told.out)}
        assert status["bluesky"]["state"] == "live"
        assert status["dead"]["state"] in ("retrying", "refused")
        assert status["dead"]["errors"] > 0
        line.process.send_signal(signal.SIGINT)
        assert line.wait() == 130


def pushed(port: int) -> httpx.Response | None:
    """The same post twice."""
    post = {"id": "1", "text": "a Post of mine", "published_at": "2026-03-01T11:00:00Z"}
    headers = {"authorization": f"Bearer {TOKEN}"}
    url = f"http://127.0.0.1:{port}/v1/posts"
    try:
        answer = httpx.post(url, json=[post, post], headers=headers, trust_env=False)
    except httpx.HTTPError:
        return None
    return answer if answer.status_code == 202 else None
