"""Single keys from a terminal, without Enter."""

import os
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

AT_ONCE = 64  # bytes: more than a key sends, arrows and the like included


@contextmanager
def single_keys(terminal: int) -> Iterator[Callable[[], str]]:
    """While in the block, what it gives waits for a key and returns it; "" at the end of input.

    Of several keys in one go (a key held down, a paste) only the first is returned: the others were
    not meant for what is shown next. Ctrl-C raises KeyboardInterrupt, as always. `terminal` is a
    file descriptor; it is left as it was found.
    """
    before = termios.tcgetattr(terminal)

    def key() -> str:
        try:
            return os.read(terminal, AT_ONCE).decode(errors="replace")[:1]
        except OSError:  # the other end of a pseudo-terminal was closed
            return ""

    try:
        # Nothing typed so far is thrown away, here or at the end.
        tty.setcbreak(terminal, termios.TCSADRAIN)
        yield key
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
