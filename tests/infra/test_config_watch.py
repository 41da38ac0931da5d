"""The user's file while a line runs: what is good is taken over, what is broken is told once."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from structlog.testing import capture_logs

from infra.config_watch import EVERY, ConfigWatch, following
from infra.settings import Settings, dump

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
DESK = f"- {{name: desk, url: 'https://x.com/1', secret: {SECRET}}}\n"
OTHER = "- {name: boss, type: slack, url: 'https://x.com/2'}\n"


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("GROUNDSWELL"):
            monkeypatch.delenv(name)


class Watched:
    """A file, who watches it, and the time."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.time = 0.0
        self.write(text)
        self.settings = following(Settings())
        self.watch = self.anew()
        self.logs: list[Any] = []
        assert self.look() is None

    def anew(self) -> ConfigWatch:
        return ConfigWatch(self.settings, clock=lambda: self.time)

    def write(self, text: str) -> None:
        self.path.write_text(text)

    def look(self, times: int = 3) -> Settings | None:
        """What comes of a few looks in a row; what they say is in `logs`."""
        found = None
        with capture_logs() as logs:
            for _ in range(times):
                self.time += EVERY
                found = self.watch.changed() or found
        self.logs = list(logs)
        return found


Watch = Callable[[str], Watched]


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watch:
    path = tmp_path / "groundswell.yaml"
    monkeypatch.setenv("GROUNDSWELL_CONFIG", str(path))
    return lambda text: Watched(path, text)


def test_a_change_is_taken_over_and_told_once(watched: Watch) -> None:
    file = watched(f"receivers:\n{DESK}")
    file.write(f"page_url: https://p.com\nreceivers:\n{DESK}{OTHER}")
    news = file.look()
    assert news is not None
    assert [receiver.name for receiver in news.receivers] == ["desk", "boss"]
    assert news.page_url == "https://p.com"
    (told,) = file.logs
    assert told["changed"] == "receiver boss added, page_url changed"
    assert file.look() is None
    assert file.logs == []


def test_what_a_file_of_secrets_says_stays_whatever_the_settings_file_says(
    watched: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    desk = [{"name": "desk", "url": "https://x.com/1", "secret": SECRET}]
    (secrets / "groundswell_receivers").write_text(json.dumps(desk))
    monkeypatch.setenv("GROUNDSWELL_SECRETS", str(secrets))
    file = watched("brands: [{name: Acme}]")
    assert [receiver.name for receiver in file.settings.receivers] == ["desk"]
    file.write(f"brands: [{{name: Acme}}, {{name: Contoso}}]\nreceivers:\n{OTHER}")
    news = file.look()
    assert news is not None
    assert [brand.name for brand in news.brands] == ["Acme", "Contoso"]
    assert [receiver.name for receiver in news.receivers] == ["desk"]


def test_why_a_file_is_refused_is_known_until_it_is_mended(watched: Watch) -> None:
    file = watched("brands: [{name: Acme}]")
    assert file.watch.problem == ""
    file.write("brands: [{name: Acme, secret: hunter2}]")
    assert file.look() is None
    assert "brands.0.secret" in file.watch.problem
    assert "hunter2" not in file.watch.problem
    file.write("brands: [{name: Acme}]")
    file.look()
    assert file.watch.problem == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"receivers:\n{OTHER}", "receiver boss added, receiver desk removed"),
        ("", "receiver desk removed"),
        (f"receivers:\n{DESK.replace('x.com/1', 'x.com/7')}", "receiver desk changed"),
        (f"allow_hosts: [a]\nreceivers:\n{DESK}", "allow_hosts changed"),
    ],
)
def test_what_changed_is_told_without_secrets(text: str, says: str, watched: Watch) -> None:
    file = watched(f"receivers:\n{DESK}")
    file.write(text)
    assert file.look() is not None
    assert [told["changed"] for told in file.logs] == [says]


def test_what_means_the_same_is_no_change(watched: Watch) -> None:
    file = watched(f"receivers:\n{DESK}")
    file.write(f"# a remark\nreceivers:\n{DESK}")
    assert file.look() is None
    assert file.logs == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            f"receivers:\n{DESK}- {{name: b, type: slack, url: hunter2}}\n",
            ":3: setting receivers.1.url",
        ),
        ("receivers: [", ":1: no YAML"),
        (f"brands: [{{name: ''}}]\nreceivers:\n{OTHER}", ":1: setting brands.0.name"),
    ],
)
def test_a_broken_file_is_refused_and_told_once(text: str, says: str, watched: Watch) -> None:
    file = watched(f"receivers:\n{DESK}")
    file.write(text)
    assert file.look() is None
    (told,) = file.logs
    assert told["log_level"] == "error"
    assert f"{file.path}{says}" in told["error"]
    assert "hunter2" not in told["error"]
    assert file.look() is None
    assert file.logs == []
    file.write(f"receivers:\n{DESK}{OTHER}")
    assert file.look() is not None


def test_after_a_broken_file_the_one_before_is_nothing_new(watched: Watch) -> None:
    file = watched(f"receivers:\n{DESK}")
    file.write("receivers: [")
    file.look()
    file.write(f"receivers:\n{DESK}")
    assert file.look() is None


def test_a_file_that_is_gone(watched: Watch) -> None:
    file = watched(f"receivers:\n{DESK}")
    file.path.unlink()
    assert file.look() is None
    assert "no such file" in file.logs[0]["error"]


def test_a_file_that_is_still_being_written_is_not_judged(watched: Watch) -> None:
    file = watched(f"receivers:\n{DESK}")
    file.write("")  # as a shell begins
    assert file.look(1) is None
    file.write(f"receivers:\n{DESK}{OTHER}")
    assert file.look(1) is None
    assert file.look(1) is not None


def test_between_two_looks_nothing_is_read(watched: Watch) -> None:
    file = watched(f"receivers:\n{DESK}")
    file.write(f"receivers:\n{OTHER}")
    for _ in range(10):
        assert file.watch.changed() is None


def test_what_is_not_followed_is_said(watched: Watch) -> None:
    file = watched("brands:\n- name: Acme\npartitions: 2\n")
    file.write("brands:\n- name: Other\npartitions: 3\npage_url: https://p.com\n")
    news = file.look()
    assert news is not None
    assert (news.partitions, news.brands[0].name) == (2, "Other")
    assert [told.get("settings") for told in file.logs] == ["partitions", None]


def test_what_the_environment_sets_stays(watched: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDSWELL_PAGE_URL", "https://ours.com")
    file = watched("page_url: https://theirs.com")
    file.write("page_url: https://other.com")
    assert file.look() is None
    # As in a worker, which has the settings in a file of their own.
    monkeypatch.delenv("GROUNDSWELL_PAGE_URL")
    file.watch = file.anew()
    file.write(f"page_url: https://another.com\nreceivers:\n{OTHER}")
    news = file.look()
    assert news is not None
    assert news.page_url == "https://ours.com"


def test_a_worker_follows_the_users_file_and_not_its_own(
    watched: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = watched(f"receivers:\n{DESK}")
    (tmp_path / "line.yaml").write_text(yaml.safe_dump(dump(file.settings)))
    monkeypatch.setenv("GROUNDSWELL_CONFIG", str(tmp_path / "line.yaml"))
    file.settings = Settings()
    assert file.settings.config_path == file.path
    file.watch = file.anew()
    file.write(f"receivers:\n{DESK}{OTHER}")
    news = file.look()
    assert news is not None
    assert len(news.receivers) == 2


def test_a_change_from_before_the_watch_began(watched: Watch) -> None:
    file = watched(f"receivers:\n{DESK}")
    file.write(f"receivers:\n{OTHER}")
    file.watch = file.anew()  # a worker that was started again with what the line began with
    assert file.look() is not None


def test_a_secret_that_is_replaced_is_followed(watched: Watch, tmp_path: Path) -> None:
    url = tmp_path / "url"
    url.write_text("https://x.com/1")
    file = watched(f"receivers:\n- {{name: a, type: slack, url: {{file: '{url}'}}}}\n")
    url.write_text("https://x.com/2")
    assert file.look() is not None
    (told,) = file.logs
    assert told["changed"] == "receiver a changed"
    url.unlink()
    assert file.look() is None
    assert f"{url} cannot be read" in file.logs[0]["error"]
    assert file.look() is None
    assert file.logs == []


def test_without_a_file_nothing_is_followed() -> None:
    settings = following(Settings())
    assert settings.config_path is None
    assert ConfigWatch(settings, clock=lambda: 0.0).changed() is None


def test_a_changed_query_is_told_by_its_brand(watched: Watch) -> None:
    file = watched("brands:\n- name: Acme\n- name: Zeta\n")
    file.write("brands:\n- {name: Acme, query: acme AND bikes}\n- name: Other\n")
    news = file.look()
    assert news is not None
    assert news.brands[0].query == "acme AND bikes"
    assert file.logs[0]["changed"] == "brand Other added, brand Zeta removed, brand Acme changed"
    file.write("brands:\n- {name: Acme, query: acme AND (}\n")
    assert file.look() is None
    assert "character 10: this bracket is never closed" in file.logs[0]["error"]
