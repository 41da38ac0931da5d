"""The overview as a person takes it along: one row a brand, flat."""

from datetime import datetime
from typing import Any, Final

import pyarrow as pa

from infra.page.export_table import Kind, table_of
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


def overview_file(kind: Kind, overview: Overview) -> bytes:
    """Of what somebody may see of it (overview.seen_by)."""
    return table_of(kind, COLUMNS, [_row(one, overview.at) for one in overview.brands])


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
