"""A sample of posts to label as a file: out, and back with the labels."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from infra.share_labels import ShareLabel, published, write_share_labels
from infra.store import Store
from processors.labelled import DataError
from processors.records import Label
from streams.failures import UsageError
from streams.label import Sample


class ExportedPost(Struct, frozen=True, kw_only=True):
    """A line of the file that is exported: put the label in and import it."""

    post_id: str
    brand: str
    text: str
    stratum: int
    probability: float
    label: Label | None = None


class LabelledPost(Struct, frozen=True, kw_only=True):
    """A line of the file that is imported; without a label it is passed over."""

    post_id: str
    brand: str
    stratum: int
    probability: float
    label: Label | Literal[""] | None = None


def write_sample(path: Path, drawn: Sample) -> int:
    """Write the posts to label as JSONL, the text of each among them; return how many."""
    lines = [
        ExportedPost(
            post_id=one.post_id,
            brand=drawn.span.brand,
            text=one.text,
            stratum=one.stratum,
            probability=one.probability,
        )
        for one in drawn.queue
    ]
    path.write_bytes(msgspec.json.Encoder().encode_lines(lines))
    return len(lines)


def read_answers(path: Path, brand: str) -> list[LabelledPost]:
    """Return the labelled lines of an exported file; DataError names the line that is wrong."""
    decoder = msgspec.json.Decoder(LabelledPost)
    found = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            one = decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise DataError(f"{path}: line {number}: {error}") from error
        if one.brand != brand:
            raise DataError(f"{path}: line {number}: a sample of {one.brand!r}, not of {brand!r}")
        if not 0 < one.probability <= 1 or not 0 <= one.stratum < 1 << 16:
            raise DataError(f"{path}: line {number}: not from --export: it was drawn by no chance")
        if one.label:
            found.append(one)
    if not found:
        raise DataError(f"{path}: no line has a label: negative, neutral or positive")
    return found


def keep_answers(
    store: Store, brand: str, answers: Sequence[LabelledPost], *, by: str, at: datetime
) -> tuple[int, int]:
    """Keep answers, the last about a post; return how many, and how many posts are gone.

    What was erased between export and import is passed over. Raises StoreError.
    """
    last = {one.post_id: one for one in answers}
    times = published(store, brand, last)
    rows = [
        ShareLabel(
            brand=brand,
            post_id=post_id,
            published_at=times[post_id],
            label=one.label or "",
            stratum=one.stratum,
            probability=one.probability,
            by=by,
            at=at,
        )
        for post_id, one in last.items()
        if post_id in times
    ]
    if not rows:
        raise UsageError(f"none of these posts is a stored one of {brand!r}")
    write_share_labels(store, rows)
    return len(rows), len(last) - len(rows)
