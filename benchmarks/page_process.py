"""The page as a process of its own, beside a line that runs: what it takes is told apart."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from msgspec import Struct

from streams.session import Session


class PageProcess(Struct, frozen=True, kw_only=True):
    """A page that answers; `link` lets in."""

    link: str
    pid: int

    @property
    def address(self) -> str:
        """Where it listens."""
        return self.link.partition("/enter")[0]


@contextmanager
def page_process(session: Session, *more: str) -> Iterator[PageProcess]:
    """`groundswell page` on the database of a line, until the block ends; `more` are brands that
    the line itself does not look for."""
    settings = session.supervisor.settings
    brands = [{"name": one.name, "aliases": one.aliases} for one in settings.brands]
    brands += [{"name": name, "aliases": ()} for name in more]
    own = {
        "GROUNDSWELL_DATA": str(settings.data),
        "GROUNDSWELL_BRANDS": msgspec.json.encode(brands).decode(),
        "GROUNDSWELL_CLOCK": "wall",
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "streams.cli", "page", "--port", "0"]
    process = subprocess.Popen(command, env=os.environ | own, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if line.startswith("page: "):
                yield PageProcess(link=line.removeprefix("page: ").strip(), pid=process.pid)
                break
        else:
            raise RuntimeError("the page has ended before it began")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        process.stdout.close()
