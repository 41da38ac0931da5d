"""The overview as a person takes it along: one row a brand, flat."""

import io
from datetime import datetime
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from infra.page.export import csv_lines
from infra.page.overview_records import BrandRow, Overview

COLUMNS: Final = (
    ("at", pa.timestamp("ms", "UTC")),
    ("brand", pa.string()),
    ("state", pa.string()),
    ("posts", pa.int64()),
    ("posts_expected", pa.float64()),
    ("posts_lower", pa.float64()),
    ("posts_upper", pa.float64()),
    ("negative", pa.int64()),
    ("share", pa.float64()),
    ("share_lower", pa.float64()),
    ("share_upper", pa.float64()),
    ("share_expected", pa.float64()),
    ("share_expected_lower", pa.float64()),
    ("share_expected_upper", pa.float64()),
    ("share_change", pa.float64()),
    ("incident_id", pa.string()),
    ("incident_kind", pa.string()),
    ("incident_severity", pa.int64()),
    ("incident_since", pa.timestamp("ms", "UTC")),
)
"""Posts and negative ones of the last hour; `share_change`: against the same hour a week before."""


def overview_csv(overview: Overview) -> bytes:
    """UTF-8 with a mark; what a spreadsheet would run is quoted."""
    rows = [_row(one, overview.at) for one in overview.brands]
    return b"\xef\xbb\xbf" + csv_lines([[name for name, _ in COLUMNS], *rows])


def overview_parquet(overview: Overview) -> bytes:
    """The same rows."""
    rows = [_row(one, overview.at) for one in overview.brands]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(COLUMNS)
    arrays = [pa.array(values, kind) for values, (_, kind) in zip(columns, COLUMNS, strict=True)]
    sink = io.BytesIO()
    pq.write_table(pa.table(arrays, names=[name for name, _ in COLUMNS]), sink)
    return sink.getvalue()


def _row(one: BrandRow, at: datetime) -> list[Any]:
    volume, share, usual, incident = (
        one.volume_expected,
        one.share,
        one.share_expected,
        one.incident,
    )
    return [
        at,
        one.name,
        one.state,
        one.volume,
        *((volume.mean, volume.lower, volume.upper) if volume else (None,) * 3),
        one.negative,
        *((share.value, share.lower, share.upper) if share else (None,) * 3),
        *((usual.value, usual.lower, usual.upper) if usual else (None,) * 3),
        one.share_change,
        *(
            (incident.id, incident.kind, incident.severity, incident.since)
            if incident
            else (None,) * 4
        ),
    ]
