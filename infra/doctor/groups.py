"""Whether somebody reads what is written, and how far behind they are."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from infra.doctor.finding import NotLooked, Said, ok, warn
from infra.doctor.kafka import Open, reached
from infra.kafka import KafkaUnavailable
from infra.kafka_admin import KafkaRefused
from infra.lag import LagReader

BEHIND = 1_000
"""Messages, of up to 200 posts each, from which a stage is too far behind to be called well."""


def groups(
    open_admin: Open, readers: Sequence[LagReader], names: Mapping[str, str]
) -> Iterator[Said]:
    """`names`: of each stage the name of its group."""
    members = _members(open_admin, names)
    try:
        lags = [reader.read() for reader in readers]
    except KafkaUnavailable as error:
        raise NotLooked(f"the broker does not say how far they are: {error}") from error
    finally:
        for reader in readers:
            reader.close()
    for stage, group in names.items():
        read = [lag for lag in lags if lag.stage == stage]
        behind = sum(lag.messages for lag in read)
        figures: dict[str, Any] = {
            "group": group,
            "members": None if members is None else members[stage],
            "lag": {lag.topic: list(lag.partitions) for lag in read},
        }
        yield _stage(stage, behind, figures)


def _stage(stage: str, behind: int, figures: dict[str, Any]) -> Said:
    waits = f"{behind:,} message{'' if behind == 1 else 's'} behind"
    if figures["members"] == 0:
        fix = f"start `groundswell worker {stage}`, or look at why it ended"
        return warn(f"{stage}: nobody reads as {figures['group']}; {waits}", fix, **figures)
    by = "" if figures["members"] is None else f", {figures['members']} at work"
    if behind >= BEHIND:
        fix = f"start more of `groundswell worker {stage}`, or look at what holds it up"
        return warn(f"{stage}: {waits}{by}", fix, **figures)
    return ok(f"{stage}: {waits}{by}", **figures)


def _members(open_admin: Open, names: Mapping[str, str]) -> dict[str, int] | None:
    try:
        found = reached(open_admin).members(list(names.values()))
    except KafkaRefused:
        return None  # a user that may read and not describe: the lag is known all the same
    return None if found is None else {stage: found[group] for stage, group in names.items()}
