"""Incidents of six airlines in a week of February 2015, by their hand labels.

    python -m benchmarks.airline --data AIRLINE/Tweets.csv.gz [--sensitivity balanced]

Counts each airline's tweets, and those labelled negative, by five minutes, from its first tweet to
its last, writes a file of each and runs `groundswell detect` on them.
"""

import argparse
import csv
import gzip
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from forecasting.watch import floor_bucket, starts
from streams.detect import asked, detect_file, table


def main() -> None:
    """Print the incidents."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sensitivity", default="balanced")
    options = parser.parse_args()
    wanted = asked(sensitivity=options.sensitivity, kinds=("all",), timezone="America/New_York")
    with tempfile.TemporaryDirectory() as folder:
        paths = _count(options.data, Path(folder))
        print(table([detect_file(path, wanted) for path in paths], wanted))


def _count(tweets: Path, folder: Path) -> list[Path]:
    volume: dict[str, Counter[datetime]] = {}
    negative: dict[str, Counter[datetime]] = {}
    seen: set[str] = set()
    with gzip.open(tweets, "rt", newline="") as file:
        for row in csv.DictReader(file):
            if row["tweet_id"] in seen:
                continue
            seen.add(row["tweet_id"])
            at = floor_bucket(datetime.fromisoformat(row["tweet_created"]).astimezone(UTC))
            name = row["airline"]
            volume.setdefault(name, Counter())[at] += 1
            negative.setdefault(name, Counter())[at] += row["airline_sentiment"] == "negative"
    paths = []
    for name, counts in sorted(volume.items()):
        path = folder / f"{name.replace(' ', '-')}.csv"
        with path.open("w", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(("timestamp", "volume", "negative"))
            for at in starts(min(counts), max(counts) + timedelta(minutes=5)):
                writer.writerow((at.isoformat(), counts[at], negative[name][at]))
        paths.append(path)
    return paths


if __name__ == "__main__":
    main()
