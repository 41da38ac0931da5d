"""Dead letters tried again on the whole line: what was mended is stored, all counts add up."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.open_store import SOCKET_FILE
from infra.store import StoreError
from infra.store_socket import SocketStore

Eventually = Callable[..., Any]
Start = Callable[..., Any]
POSTS, GUILTY = 40, (7, 23)
SCORERS = """
from pathlib import Path
from processors.score_constant import ConstantScorer

BROKEN = Path(__file__).with_name("broken")

class Scorer(ConstantScorer):
    def score(self, texts, *, languages=None):
        if BROKEN.exists() and any("POISON" in text for text in texts):
            raise ValueError("cannot read this")
        return super().score(texts)

def make(threads):
    return Scorer()
"""


def write_posts(file: Path) -> None:
    now = datetime.now(UTC).isoformat()
    rows = [
        {
            "source": "test",
            "native_id": str(number),
            "text": f"Acme lost my {'POISON' if number in GUILTY else 'luggage'} {number}",
            "published_at": now,
            "brands": ["Acme"],
        }
        for number in range(POSTS)
    ]
    file.write_text("\n".join(map(json.dumps, rows)))


def asked(data: Path, query: str) -> list[tuple[Any, ...]]:
    """What the running line's database answers; nothing while it is not ready."""
    try:
        store = SocketStore(Path((data / SOCKET_FILE).read_text()))
    except FileNotFoundError:
        return []
    try:
        return store.query(query)
    except StoreError:
        return []
    finally:
        store.close()


def outcomes(data: Path) -> dict[str, int]:
    return dict(asked(data, "SELECT outcome, count() FROM receipts FINAL GROUP BY outcome"))


def test_letters_of_a_mended_scorer_are_stored_when_they_are_tried_again(
    groundswell: Start, eventually: Eventually, tmp_path: Path
) -> None:
    data, folder = tmp_path / "data", tmp_path / "0"
    folder.mkdir()
    (folder / "scorers.py").write_text(SCORERS)
    (folder / "broken").touch()
    write_posts(tmp_path / "posts.jsonl")
    settings = {"GROUNDSWELL_DATA": str(data), "GROUNDSWELL_MODEL": "py:scorers:make"}
    line = groundswell("run", **settings)
    pushed = groundswell("push", tmp_path / "posts.jsonl", **settings)
    assert pushed.wait(120) == 0, pushed.err
    dead = {"stored": POSTS - len(GUILTY), "dead": len(GUILTY)}
    eventually(lambda: outcomes(data) == dead, seconds=120, what=f"{dead}")
    listed = groundswell("dlq", "list", **settings)
    assert listed.wait() == 0, listed.err
    assert listed.out.splitlines()[0] == f"{len(GUILTY)} poison"

    (folder / "broken").unlink()
    retried = groundswell("dlq", "retry", "--all", **settings)
    assert retried.wait() == 0, retried.err
    assert retried.out == f"tried again: {len(GUILTY)}\n"
    eventually(lambda: outcomes(data) == {"stored": POSTS}, seconds=180, what="all of them stored")
    assert asked(data, "SELECT uniqExact(post_id) FROM counted_posts") == [(POSTS,)]
    eventually(
        lambda: asked(data, "SELECT count() FROM outbox FINAL") == [(0,)],
        seconds=60,
        what="an empty outbox",
    )
    listed = groundswell("dlq", "list", **settings)
    assert listed.wait() == 0, listed.err
    assert listed.out == "no dead letters\n"
    assert line.process.poll() is None, line.err
