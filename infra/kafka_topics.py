"""What topics are to be, what they are, and how the one becomes the other.

Pure but for nothing: who asks a cluster, and changes it, is `infra.kafka_admin`.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct

How = Literal["create", "configure", "add partitions", "by hand"]
AT_LEAST: Final = ("max.message.bytes",)
"""Settings of which more is as good."""
LOSES: Final = ("cleanup.policy", "retention.bytes", "retention.ms")
"""Settings by which messages go that a stage may not have read."""
UNLIMITED: Final = -1


class Topic(Struct, frozen=True, kw_only=True):
    """A topic as it is to be."""

    name: str
    partitions: int
    replication: int
    config: Mapping[str, str] = {}
    placement: str = ""  # what goes wrong if partitions are added; empty: nothing


class TopicState(Struct, frozen=True, kw_only=True):
    """A topic as it is; `config` with the values it has from the broker."""

    partitions: int
    replication: int
    config: Mapping[str, str] = {}


class Difference(Struct, frozen=True, kw_only=True):
    """One thing in which a topic is not what it is to be."""

    topic: str
    setting: str  # empty: the topic is missing
    wanted: str
    found: str
    how: How
    mend: str  # a sentence that says what to do
    risk: str = ""  # why nothing does it unless it is forced to; empty: it is safe


def differences(wanted: Sequence[Topic], found: Mapping[str, TopicState]) -> list[Difference]:
    """All of them, in the order of `wanted`."""
    return [one for topic in wanted for one in _of(topic, found.get(topic.name))]


def _of(topic: Topic, state: TopicState | None) -> list[Difference]:
    if state is None:
        return [
            Difference(
                topic=topic.name,
                setting="",
                wanted=f"{topic.partitions} partitions, {topic.replication} copies",
                found="missing",
                how="create",
                mend="`groundswell topics` creates it",
            )
        ]
    return [*_partitions(topic, state), *_replication(topic, state), *_config(topic, state)]


def _partitions(topic: Topic, state: TopicState) -> list[Difference]:
    if state.partitions == topic.partitions:
        return []
    more = state.partitions < topic.partitions
    if more:
        forced = " --force" if topic.placement else ""
        mend = f"`groundswell topics --apply{forced}` adds them"
        if topic.placement:
            mend += "; first stop the feeds and let every stage finish what waits"
    else:
        mend = (
            f"partitions cannot be taken away: set GROUNDSWELL_PARTITIONS={state.partitions} for "
            "every process, or delete the topic once all of it is read, and create it anew"
        )
    return [
        Difference(
            topic=topic.name,
            setting="partitions",
            wanted=str(topic.partitions),
            found=str(state.partitions),
            how="add partitions" if more else "by hand",
            mend=mend,
            risk=topic.placement if more else "",
        )
    ]


def _replication(topic: Topic, state: TopicState) -> list[Difference]:
    if state.replication >= topic.replication:
        return []
    return [
        Difference(
            topic=topic.name,
            setting="replication",
            wanted=str(topic.replication),
            found=str(state.replication),
            how="by hand",
            mend="move it to more brokers with kafka-reassign-partitions.sh, or set "
            f"GROUNDSWELL_REPLICATION={state.replication}",
        )
    ]


def _config(topic: Topic, state: TopicState) -> list[Difference]:
    return [
        Difference(
            topic=topic.name,
            setting=name,
            wanted=value,
            found=state.config.get(name, "not set"),
            how="configure",
            mend=f"`groundswell topics --apply{' --force' if risk else ''}` sets it",
            risk=risk,
        )
        for name, value in topic.config.items()
        if not _fits(name, value, state.config.get(name))
        for risk in [_risk(name, value, state)]
    ]


def _fits(name: str, wanted: str, found: str | None) -> bool:
    if found is None:
        return False
    return found == wanted or (name in AT_LEAST and int(found) >= int(wanted))


def _risk(name: str, wanted: str, state: TopicState) -> str:
    found = state.config.get(name)
    if name == "min.insync.replicas" and int(wanted) > state.replication:
        return f"with {state.replication} copies nothing could be written any more"
    if name not in LOSES or found is None:
        return ""
    if name == "cleanup.policy":
        # Away from compaction nothing is lost at once that the new limit would keep.
        return ""
    keeps_less = _limit(wanted) < _limit(found)
    return "messages that no stage has read yet could be deleted" if keeps_less else ""


def _limit(value: str) -> float:
    return float("inf") if int(value) == UNLIMITED else int(value)
