"""What changes in the user's file reaches a stage while it runs; what is broken does not."""

import asyncio
from itertools import count
from pathlib import Path

import pytest

from infra.config_watch import EVERY
from infra.config_watch import following as followed
from infra.settings import Settings
from streams.follow import following


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "groundswell.yaml"
    path.write_text("brands:\n- name: Acme\n")
    monkeypatch.setenv("GROUNDSWELL_CONFIG", str(path))
    return path


def test_a_changed_query_is_taken_and_a_broken_one_is_not(config: Path) -> None:
    settings = followed(Settings())
    taken: list[Settings] = []
    steps = count()
    texts = iter(
        [
            "brands:\n- {name: Acme, query: 'acme AND ('}\n",
            "brands:\n- {name: Acme, query: 'acme AND bikes'}\n",
            "brands:\n- {name: Acme, query: 'lang:en'}\n",
        ]
    )

    async def run() -> None:
        done = asyncio.Event()

        def clock() -> float:
            step = next(steps)
            if step % 20 == 10:
                text = next(texts, None)
                if text is None:
                    loop.call_soon_threadsafe(done.set)
                else:
                    config.write_text(text)
            return EVERY * step

        loop = asyncio.get_running_loop()
        work = following(settings, "refine", taken.append, every=0.0, clock=clock)
        work.start()
        await done.wait()
        await work.stop()

    asyncio.run(run())
    assert [one.brands[0].query for one in taken] == ["acme AND bikes"]


def test_a_stage_without_a_file_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GROUNDSWELL_CONFIG", raising=False)

    async def run() -> None:
        work = following(Settings(), "refine", _never, every=0.0)
        work.start()
        await asyncio.sleep(0)
        await work.stop()

    asyncio.run(run())


def _never(_: Settings) -> None:
    raise AssertionError
