"""What a worker tells its supervisor when it cannot start."""

import os

import msgspec
import pytest

from processors.score import ModelError, ModelMemoryError
from streams import worker as process
from streams.cli_line import worker
from streams.worker import Heartbeat


def told(error: Exception, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """What comes through the pipe before the worker ends with `error`."""

    async def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(process, "run_worker", fails)
    read, write = os.pipe()
    try:
        with pytest.raises(type(error)):
            worker(["score"], status_fd=write)
    finally:
        os.close(write)
    with os.fdopen(read, "rb") as pipe:
        return pipe.read()


def test_a_broken_model_ends_the_line_and_a_full_gpu_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = told(ModelError("m: it is damaged"), monkeypatch)
    assert msgspec.json.decode(said, type=Heartbeat).error == "m: it is damaged"
    assert told(ModelMemoryError("m: no memory for it"), monkeypatch) == b""
