"""All checks at once, each with a limit of time; one that fails or hangs holds up no other."""

import threading
import time
from collections.abc import Callable, Sequence

from infra.doctor.finding import Check, Finding, NotLooked, Said, fail, warn

BROKEN = "try it again; if it stays, report it: a check has no word for this"


def run_checks(
    checks: Sequence[Check], *, clock: Callable[[], float] = time.monotonic
) -> list[Finding]:
    """What they found, in their order. Returns when the slowest is done or given up.

    What was given up goes on in its thread, which ends with the process.
    """
    began = clock()
    looks = [_Look(check) for check in checks]
    for look in looks:
        look.thread.start()
    return [
        Finding(
            check=look.check.name,
            status=said.status,
            text=said.text,
            fix=said.fix,
            figures=said.figures,
        )
        for look in looks
        for said in look.said(max(0.0, began + look.check.seconds - clock()))
    ]


class _Look:
    def __init__(self, check: Check) -> None:
        self.check = check
        self._said: tuple[Said, ...] | None = None
        self.thread = threading.Thread(target=self._run, name=check.name, daemon=True)

    def said(self, seconds: float) -> Sequence[Said]:
        self.thread.join(seconds)
        if self._said is not None:
            return self._said
        return [
            fail(
                f"no answer within {self.check.seconds:.0f} s",
                "look at the load of this machine and of what it asks, then try it again",
                given_up=True,
            )
        ]

    def _run(self) -> None:
        try:
            self._said = tuple(self.check.look())
        except NotLooked as error:
            self._said = (warn(f"not looked at: {error}", "mend that first"),)
        except Exception as error:  # noqa: BLE001 - not swallowed: it is what was found
            words = " ".join(str(error).split())
            self._said = (fail(f"{type(error).__name__}: {words}", BROKEN),)
