"""What the store stage keeps beside posts: what finds the brands, and where that was said."""

from pathlib import Path

from prometheus_client import CollectorRegistry

from infra.brands import Brand
from infra.metrics import Meter
from infra.query_versions import read_versions
from infra.settings import FileSettings
from infra.store import Store
from streams.stage import Place
from streams.store import record_queries


def test_a_brand_that_is_found_by_other_words_is_told_with_its_file(store: Store) -> None:
    path = Path("/etc/groundswell.yaml")
    before = FileSettings(brands=(Brand(name="Acme"), Brand(name="Northwind")))
    after = FileSettings(brands=(Brand(name="Acme", aliases=("acme air",)),), config_path=path)
    place = Place(before, store, Meter("store", CollectorRegistry()))
    record_queries(place, before)
    record_queries(place, after)
    record_queries(place, after)  # as another process of the stage does
    found = read_versions(store)
    assert {name: one.by for name, one in found.items()} == {
        "Acme": "groundswell.yaml",
        "Northwind": "environment",
    }
    assert found["Acme"].said == after.brands[0].watched
    assert found["Acme"].before == before.brands[0].watched
