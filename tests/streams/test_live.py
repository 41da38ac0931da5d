"""What `groundswell run` sets itself outlasts the first look at the file that it follows."""

from pathlib import Path

import pytest

from infra.config_watch import EVERY, ConfigWatch, following
from infra.settings import Settings
from streams.live import linked, live_settings


def test_the_own_page_and_the_brands_of_the_command_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "groundswell.yaml"
    file.write_text("brands: [{name: Acme}]\n")
    monkeypatch.setenv("GROUNDSWELL_CONFIG", str(file))
    settings = live_settings(following(Settings()), brands=["Northwind"], bluesky=False)
    settings = linked(settings, "http://127.0.0.1:8700")
    now = 0.0
    watch = ConfigWatch(settings, clock=lambda: now)
    for allowed in ((), ("10.0.0.0/8",)):
        file.write_text(f"brands: [{{name: Zeta}}]\nallow_hosts: {list(allowed)}\n")
        found = []
        for _ in range(3):
            now += EVERY
            found.append(watch.changed())
        news = [one for one in found if one is not None]
        assert [one.allow_hosts for one in news] == [allowed] * bool(allowed)
        for one in news:
            assert [brand.name for brand in one.brands] == ["Northwind"]
            assert one.page_url == "http://127.0.0.1:8700"
