"""What people can do from the page: the same functions that stand behind the commands."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from msgspec import Struct

from infra.share_labels import Drawn, Span
from infra.store import Store


class Doer(Struct, frozen=True, kw_only=True):
    """Whose word it is, why, and when it is said."""

    by: str
    note: str = ""
    at: datetime


class Sample(Struct, frozen=True, kw_only=True):
    """Posts to label so that the negative share is known more closely."""

    span: Span
    queue: tuple[Drawn, ...]
    spare: tuple[Drawn, ...] = ()  # one takes the place of what is passed over, of its stratum
    labelled: int  # random labels in the span so far


class Actions(Protocol):
    """Each raises Refused with words for a person, and StoreError. Answers are sentences."""

    def acknowledge(self, store: Store, incident_id: str, doer: Doer) -> str:
        """Somebody has seen it."""
        ...

    def withdraw(self, store: Store, incident_id: str, doer: Doer) -> str:
        """Nobody has seen it after all."""
        ...

    def silence(self, store: Store, incident_id: str, length: timedelta, doer: Doer) -> str:
        """Nothing is sent of it for a time; the doer's note is the reason."""
        ...

    def end_silence(self, store: Store, silence_id: str, doer: Doer) -> str:
        """What was silenced is told again."""
        ...

    def verdict(self, store: Store, incident_id: str, word: str, doer: Doer) -> str:
        """A crisis, not-a-crisis, or withdrawn."""
        ...

    def label(self, store: Store, posts: Sequence[str], label: str, doer: Doer) -> int:
        """What posts are, in a person's eyes; how many that were."""
        ...

    def resend(self, store: Store, receiver: str, notice_id: str, doer: Doer) -> str:
        """Send a notice once more."""
        ...

    def draw(
        self, store: Store, brand: str, length: timedelta, *, wanted: int, seed: int
    ) -> Sample:
        """Draw posts at random within strata of their score."""
        ...

    def backtest(
        self, store: Store, brand: str, *, days: int, sensitivity: str, until: datetime
    ) -> dict[str, Any]:
        """A brand's past by the rules that judge its present."""
        ...
