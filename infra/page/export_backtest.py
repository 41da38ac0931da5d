"""The incidents there would have been, as a person takes them along: one row each."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import pyarrow as pa

from forecasting.backtest import PastIncident
from infra.page.export_table import Kind, table_of

COLUMNS: Final = (
    ("brand", pa.string()),
    ("sensitivity", pa.string()),
    ("kind", pa.string()),
    ("opened_at", pa.timestamp("ms", "UTC")),
    ("since", pa.timestamp("ms", "UTC")),
    ("closed_at", pa.timestamp("ms", "UTC")),
    ("severity", pa.int64()),
    ("peak", pa.int64()),
    ("total_negative", pa.int64()),
    ("alerts", pa.bool_()),
)
"""`peak`: most posts of its kind in an hour; `closed_at`: none while it would be open."""


def backtest_file(kind: Kind, past: Mapping[str, Any], *, brand: str, sensitivity: str) -> bytes:
    """Of a past as `Actions.backtest` tells it."""
    found = msgspec.convert(past["test"]["incidents"], list[PastIncident])
    own = [name for name, _ in COLUMNS[2:]]
    rows = [[brand, sensitivity, *(getattr(one, name) for name in own)] for one in found]
    return table_of(kind, COLUMNS, rows)
