"""Run a program that dies with whoever started it, whatever happens to either.

    python -I -S lifeline.py PARENT_PID PROGRAM [ARGUMENT ...]

Linux sends the signal asked for here (prctl(2), PR_SET_PDEATHSIG) when the thread that started
this process ends, also by SIGKILL; the setting survives the exec. Standard library only, because
it runs before anything is set up.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Tie this process to its parent, then become the program."""
    parent, *command = arguments
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # The parent may have died before the line above took hold.
    if os.getppid() != int(parent):
        sys.exit(0)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
