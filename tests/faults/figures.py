"""All that is counted, read from a database in one go: `python -m tests.faults.figures FOLDER`."""

import sys
from collections import Counter
from pathlib import Path

import msgspec

from infra.store import Store

SHOWN = 12


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a run came to. Keys say what is counted."""

    receipts: dict[str, int]  # outcome and reason
    dead_letters: dict[str, int]  # reason
    posts: int
    buckets: dict[str, int]  # brand, bucket, label
    clusters: dict[str, int]  # brand, text of the cluster: posts
    voices: dict[str, int]  # brand, text of the cluster: posts that repeat nobody


def read_figures(store: Store) -> Figures:
    """Raises StoreError."""
    receipts = store.query(
        "SELECT trim(concat(outcome, ' ', reason)), count() FROM receipts FINAL GROUP BY 1"
    )
    dead = store.query("SELECT reason, count() FROM dead_letters FINAL GROUP BY 1")
    posts = store.query("SELECT uniqExact(post_id) FROM counted_posts")[0][0]
    buckets = store.query(
        "SELECT concat(brand, ' ', formatDateTime(toStartOfFiveMinutes(published_at), '%m-%d %R'),"
        " ' ', sentiment), count() FROM counted_posts GROUP BY 1"
    )
    clusters = store.query(
        "SELECT brand, arrayStringConcat(arraySort(groupUniqArray(text)), ' / '), count(),"
        " countIf(is_duplicate = 0) FROM counted_posts GROUP BY brand, cluster_id"
    )
    # Two clusters of one text must not pass for one: the second gets a name of its own.
    seen: Counter[str] = Counter()
    sizes, voices = {}, {}
    for brand, text, count, first in clusters:
        name = f"{brand}: {text}"
        seen[name] += 1
        name += f" ({seen[name]}. cluster)" if seen[name] > 1 else ""
        sizes[name], voices[name] = count, first
    return Figures(
        receipts=dict(receipts),
        dead_letters=dict(dead),
        posts=posts,
        buckets=dict(buckets),
        clusters=sizes,
        voices=voices,
    )


def differences(found: Figures, expected: Figures, *, but: frozenset[str] = frozenset()) -> str:
    """What was counted otherwise than it should be, a line each; empty where nothing was."""
    lines = []
    for name in Figures.__struct_fields__:
        if name in but:
            continue
        mine, truth = getattr(found, name), getattr(expected, name)
        if isinstance(truth, int):
            mine, truth = {"": mine}, {"": truth}
        wrong = [
            f"{name} {key}: {mine.get(key, 0)}, should be {truth.get(key, 0)}"
            for key in sorted(mine.keys() | truth.keys())
            if mine.get(key, 0) != truth.get(key, 0)
        ]
        more = len(wrong) - SHOWN
        lines += wrong[:SHOWN] + ([f"{name}: and {more} more"] if more > 0 else [])
    return "\n".join(lines)


def main(folder: str) -> None:
    """Print the figures of a database folder that nobody has open."""
    from infra.store_chdb import ChdbStore

    store = ChdbStore(Path(folder))
    sys.stdout.buffer.write(msgspec.json.encode(read_figures(store)))
    store.close()


if __name__ == "__main__":
    main(sys.argv[1])
