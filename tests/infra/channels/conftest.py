"""Letters of the events that all tests of infra share."""

from collections.abc import Callable
from typing import Any

import pytest

from forecasting.records import IncidentEvent
from infra.deliver.records import Entry, Letter


@pytest.fixture(scope="session")
def make_letter(make_event: Callable[..., IncidentEvent]) -> Callable[..., Letter]:
    """A letter of one event, by default an opening; fields of its entry can be set."""

    def make(event: IncidentEvent | None = None, **fields: Any) -> Letter:
        told = event or make_event()
        entry = Entry(**{"kind": told.change.change, "event": told, **fields})
        return Letter(notice_id=told.change.event_id, entries=(entry,))

    return make
