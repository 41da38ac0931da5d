"""What the doctor found, for people and for programs."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from infra.doctor.finding import Finding, Status

MARKS: Mapping[Status, str] = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}


def well(found: Sequence[Finding]) -> bool:
    """Whether there is nothing to do."""
    return all(one.status == "ok" for one in found)


def as_text(found: Sequence[Finding]) -> str:
    """A finding a line, and under it what to do."""
    return "\n".join([*_lines(found), "", _summary(found)])


def as_json(found: Sequence[Finding]) -> str:
    """Everything."""
    return msgspec.json.encode({"well": well(found), "findings": found}).decode()


def _lines(found: Sequence[Finding]) -> Iterator[str]:
    width = max((len(one.check) for one in found), default=0)
    for one in found:
        yield f"{MARKS[one.status]}  {one.check:{width}}  {one.text}"
        if one.fix:
            yield f"{'':{width + 8}}-> {one.fix}"


def _summary(found: Sequence[Finding]) -> str:
    bad = sum(one.status == "fail" for one in found)
    doubtful = sum(one.status == "warn" for one in found)
    if not bad and not doubtful:
        return "all is well"
    return f"{bad} to mend, {doubtful} to look at"
