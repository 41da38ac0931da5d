"""Platforms that answer 200 and say in JSON, by a code, what became of the message."""

from collections.abc import Collection, Mapping
from datetime import datetime

import msgspec

from infra.channels.http_channel import Judge, judge
from infra.deliver.records import Attempt

PAUSE = 60.0
"""Seconds that a platform with a limit by the minute wants to be left alone."""


def judge_coded(
    code: str,
    message: str,
    *,
    busy: Collection[int],
    refused: Collection[int] = (),
    gone: Collection[int] = (),
) -> Judge:
    """Reads answers whose fields `code` (0: taken) and `message` say more than the status.

    `busy`: over the limit; `refused`: this very message will never be taken; `gone`: the group is
    no more. Every other code is retried: mostly settings that a person will mend.
    """

    def judge_answer(status: int, headers: Mapping[str, str], text: str, now: datetime) -> Attempt:
        said = _object(text)
        number = said.get(code)
        if not isinstance(number, int) or (number == 0 and not 200 <= status < 300):
            attempt = judge(status, headers, text, now)
            if attempt.outcome != "delivered":
                return attempt
            detail = f"answered {status} without {code}: {text}"
            return Attempt(outcome="retry", status=status, detail=detail)
        if number == 0:
            return Attempt(outcome="delivered", status=status)
        detail = f"answered {code} {number}: {said.get(message, '')}"
        if number in busy:
            return Attempt(outcome="retry", status=status, detail=detail, wait_seconds=PAUSE)
        ended = number in refused or number in gone
        return Attempt(
            outcome="gave_up" if ended else "retry",
            status=status,
            detail=detail,
            gone=number in gone,
        )

    return judge_answer


def _object(text: str) -> dict[str, object]:
    try:
        return msgspec.json.decode(text, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeError):
        return {}
