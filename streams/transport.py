"""Faust's transport to Kafka, with what Faust has no setting for.

How long a fetch may wait for something new: the embedded broker looks only about every half of it,
Apache Kafka answers at once. And a producer whose repeats the broker knows and drops, as Faust has
it for its transactions only.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from faust.transport.drivers import aiokafka as driver

from infra.kafka_kinds import BrokerKind


class _Thread(driver.AIOKafkaConsumerThread):
    """Reads with the wait of its consumer's transport."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Not a setting of Faust; aiokafka reads it when the consumer starts.
        consumer._fetch_max_wait_ms = transport.kind.fetch_wait_ms
        return consumer


class _Consumer(driver.Consumer):
    def _new_consumer_thread(self) -> _Thread:
        return _Thread(self, loop=self.loop, beacon=self.beacon)


class _Producer(driver.Producer):
    transport: Any  # a Transport of this file

    def _settings_extra(self) -> Mapping[str, Any]:
        return {"acks": "all", "enable_idempotence": self.transport.kind.idempotent}


class Transport(driver.Transport):
    """Kafka, of a kind."""

    Consumer = _Consumer
    Producer = _Producer

    def __init__(self, kind: BrokerKind, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind


def use(app: Any, kind: BrokerKind) -> None:
    """Let `app` read and write by a transport of this kind."""
    made = partial(Transport, kind)
    app.transport = made(app.conf.broker_consumer, app)
    app.producer_transport = made(app.conf.broker_producer, app)
