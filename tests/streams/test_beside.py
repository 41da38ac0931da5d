"""Work beside other work: in order, and never left behind."""

import asyncio

import pytest

from streams.beside import Beside


def test_pieces_run_one_at_a_time_in_order() -> None:
    async def run() -> list[str]:
        told: list[str] = []

        async def piece(name: str) -> None:
            told.append(f"{name} begins")
            await asyncio.sleep(0)
            told.append(f"{name} ends")

        async with Beside() as beside:
            for name in "abc":
                await beside.do(piece(name))
        return told

    assert asyncio.run(run()) == [f"{name} {what}" for name in "abc" for what in ("begins", "ends")]


def test_an_error_comes_out_at_the_next_piece_which_is_not_begun() -> None:
    async def fails() -> None:
        raise ValueError("first")

    async def run() -> None:
        begun = False

        async def piece() -> None:
            nonlocal begun
            begun = True

        async def block() -> None:
            async with Beside() as beside:
                await beside.do(fails())
                await beside.do(piece())

        with pytest.raises(ValueError, match="first"):
            await block()
        assert not begun

    asyncio.run(run())


def test_an_error_of_the_last_piece_comes_out_at_the_end() -> None:
    async def fails() -> None:
        raise ValueError("last")

    async def run() -> None:
        async with Beside() as beside:
            await beside.do(fails())

    with pytest.raises(ValueError, match="last"):
        asyncio.run(run())


@pytest.mark.parametrize("ill", [False, True])
def test_an_error_beside_gives_the_piece_up(ill: bool) -> None:
    async def run() -> None:
        given_up = asyncio.Event()

        async def piece() -> None:
            if ill:
                raise KeyError("its own")
            try:
                await asyncio.Event().wait()
            finally:
                given_up.set()

        async def block() -> None:
            async with Beside() as beside:
                await beside.do(piece())
                await asyncio.sleep(0)
                raise ValueError("beside")

        with pytest.raises(ValueError, match="beside"):
            await block()
        assert given_up.is_set() is not ill

    asyncio.run(run())


def test_a_cancelled_block_leaves_nothing_running() -> None:
    async def run() -> None:
        ended = asyncio.Event()

        async def piece() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        async def block() -> None:
            async with Beside() as beside:
                await beside.do(piece())

        task = asyncio.create_task(block())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended.is_set()

    asyncio.run(run())
