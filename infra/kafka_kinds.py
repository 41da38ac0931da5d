"""Apache Kafka and the embedded broker: everything in which what we ask of them differs.

Measured of the embedded one (Tansu 0.6.0 in memory):

- a join takes half the session timeout, so sessions are short; Apache Kafka refuses short ones
- it looks for new messages about every half of the longest wait that a fetch allows
- it gives no number to a producer that asks as aiokafka does (InitProducerId before version 3), so
  a stage's producer is not idempotent there
- the end that it tells of a partition is less than the true one where the last batch holds several
  messages; the answer to a fetch has the true one (`infra.offsets`)
- it neither adds partitions nor tells who is in a group, and of a topic's settings it tells those
  that were set (`infra.kafka_admin`)
- a group that all members left politely can stay stuck, so each run has groups of its own
  (`streams.supervise`), and a bug ends a process as if it was killed (`streams.line`)
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConsumerTimes:
    """Seconds that govern consumer groups."""

    session: float
    heartbeat: float
    rebalance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerKind:
    """What a kind of broker is asked for."""

    times: ConsumerTimes
    fetch_wait_ms: int  # the longest that a fetch may wait for something new
    idempotent: bool  # whether stages number what they send, so that a repeat is dropped
    ends_are_true: bool
    describes_groups: bool
    tells_defaults: bool  # of a topic's settings


EMBEDDED = BrokerKind(
    times=ConsumerTimes(session=2.0, heartbeat=0.5, rebalance=10.0),
    fetch_wait_ms=150,  # measured: 40 ms a hop; with Faust's fixed 1.5 s it is 350 ms
    idempotent=False,
    ends_are_true=False,
    describes_groups=False,
    tells_defaults=False,
)
SERVER = BrokerKind(
    times=ConsumerTimes(session=30.0, heartbeat=3.0, rebalance=60.0),
    fetch_wait_ms=1_500,
    idempotent=True,
    ends_are_true=True,
    describes_groups=True,
    tells_defaults=True,
)


def kind_of(*, embedded: bool) -> BrokerKind:
    """Of the broker at hand."""
    return EMBEDDED if embedded else SERVER
