"""Letters of the events that all tests of infra share, and a certificate."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
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


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of 127.0.0.1 and grafana.invalid, signed by itself: a folder with cert.pem and key.pem."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("certificate")
    made_by = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    made_by += " -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1,DNS:grafana.invalid"
    made_by += f" -keyout {folder}/key.pem -out {folder}/cert.pem"
    subprocess.run(made_by.split(), check=True, capture_output=True)
    return folder
