"""Settings: environment (GROUNDSWELL_*) over one YAML file (GROUNDSWELL_CONFIG) over defaults.

One place says how the embedded line and real servers differ: no Kafka address means the embedded
broker, no ClickHouse address means the embedded engine in `data`.
"""

import os
import re
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from forecasting.calendar import holidays_of
from forecasting.records import IncidentKind, Sensitivity
from infra.config_file import PREFIX, read_config
from infra.deliver.routes import Route, check_names
from infra.feeds.settings import Feeds, PushSettings, revealed
from infra.kafka_security import KafkaSecurity, reveal_security
from infra.page.settings import PageSettings
from infra.receivers import Receiver, ReceiverSettings, reveal
from infra.zones import Zone
from processors.normalise import fold
from processors.post_rows import KEPT_DAYS, MAX_KEPT_DAYS
from processors.query_parse import parse_query
from processors.records import Label
from processors.torch_options import Precision, Tell, TorchOptions, told_to_nobody
from processors.watched import WatchedBrand, check


def _visible(words: str) -> str:
    if not fold(words):
        raise ValueError("nothing visible in it: no post would match")
    return words


def _query(query: str) -> str:
    if query:
        parse_query(query)
    return query


def _excluded(words: tuple[str, ...] | str) -> tuple[str, ...] | str:
    return _query(words) if isinstance(words, str) else tuple(map(_visible, words))


def _language(code: str) -> str:
    if not re.fullmatch("[a-z]{2}", code):
        raise ValueError(f"{code!r} is no language: write two letters such as en or zh")
    return code


def _holidays(code: str) -> str:
    if code:
        holidays_of(code, {2026})
    return code


class PlannedEvent(BaseModel):
    """Something planned that people will talk about; events of one name are of one kind."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    name: Annotated[str, Field(min_length=1, max_length=256)]
    since: Annotated[datetime, Field(alias="from")]  # without a zone: in the brand's
    until: Annotated[datetime, Field(alias="to")]
    # Times as many posts as usual; left out, it is learnt from earlier events of its name.
    effect: Annotated[float, Field(gt=0, le=1_000, allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "PlannedEvent":
        if self.since.replace(tzinfo=None) >= self.until.replace(tzinfo=None):
            raise ValueError(f"{self.name}: ends before it begins")
        return self


class Brand(BaseModel):
    """A watched brand and the words that name it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=256), AfterValidator(_visible)]
    aliases: tuple[Annotated[str, AfterValidator(_visible)], ...] = ()
    # With a query it decides, and aliases count beside it; the name counts only without one.
    query: Annotated[str, AfterValidator(_query)] = ""
    # Posts with one of these words, or of which this query is true, are left out.
    exclude: Annotated[tuple[str, ...] | str, AfterValidator(_excluded)] = ()
    # Posts in other languages are left out, not those that are too short to tell; empty: in none.
    languages: tuple[Annotated[str, AfterValidator(_language)], ...] = ()
    competitors: tuple[str, ...] = ()  # names of other brands here, to compare with
    language: Literal["en", "zh"] = "en"  # of its messages
    # Of the times in its messages, and of its days and weeks.
    timezone: Zone = "UTC"
    # Whose public holidays are free days: a country or a part of it, such as US or DE-BY.
    holidays: Annotated[str, AfterValidator(_holidays)] = ""
    events: tuple[PlannedEvent, ...] = ()
    retention_days: Annotated[int, Field(ge=1, le=MAX_KEPT_DAYS)] = KEPT_DAYS  # of its posts
    # False incidents a week to bear: about 0.05, 0.2 or 1.
    sensitivity: Sensitivity = "balanced"
    # Kinds that receivers get; the others are recorded and shown only.
    alert_on: tuple[IncidentKind, ...] = ("negative_surge", "mood_shift")

    @property
    def watched(self) -> WatchedBrand:
        """What finds it."""
        return WatchedBrand(self.name, self.aliases, self.query, self.exclude, self.languages)

    @model_validator(mode="after")
    def _findable(self) -> "Brand":
        check(self.watched)
        return self


class Settings(BaseSettings):
    """Everything that may differ between two installations."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,  # it may be a secret
    )

    data: Path = Path("groundswell-data")
    kafka: str = ""  # host:port[,host:port]; empty: the embedded broker
    real_kafka: bool = True  # the supervisor says no when `kafka` is its embedded broker
    # Login and TLS of its servers.
    kafka_security: KafkaSecurity = Field(default_factory=KafkaSecurity)
    # How long its topics keep messages: the longest that a stage may be down. Topics that are made.
    kafka_retention_hours: Annotated[int, Field(ge=1, le=24 * 365)] = 168
    # clickhouse://user:password@host:9000/database; empty: embedded
    clickhouse: SecretStr = SecretStr("")
    # Of the server's remote_servers: tables are replicated, and sharded by brand. Empty: one server.
    clickhouse_cluster: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]*$")] = ""
    # Replicas that have an insert when it returns; see docs/clickhouse.md before "majority".
    clickhouse_quorum: Literal["all", "majority"] = "all"
    clickhouse_connections: Annotated[int, Field(ge=2, le=256)] = 8  # of a process, at most
    socket: Path | None = None  # unix socket of the process that owns the embedded database
    # Processes that can share a stage's work. With one, posts are seen in the order they came.
    partitions: Annotated[int, Field(ge=1, le=1024)] = 1
    replication: Annotated[int, Field(ge=1, le=10)] = 1
    group: str = "1"  # version of the consumer groups; a new one reads everything again
    brands: tuple[Brand, ...] = ()
    receivers: tuple[ReceiverSettings, ...] = ()
    # Who is told of what and when; without it every receiver gets every change at once.
    route: Route | None = None
    allow_hosts: tuple[str, ...] = ()  # private or loopback hosts of receivers and feeds
    feeds: Feeds = ()  # what `worker feeds` reads; `run` starts it
    push: PushSettings | None = None  # where it takes posts over HTTP
    # Authors are stored under a keyed hash, or under the names they go by.
    authors: Literal["pseudonymous", "plain"] = "pseudonymous"
    author_key: SecretStr = SecretStr("")  # of the hash; embedded, one is made and kept in `data`
    # auto, english, languages, hf:NAME, py:MODULE:FUNCTION (a scorer of your own), or the folder of
    # a model; see `groundswell models`
    model: str = "auto"
    score_threads: Annotated[int, Field(ge=1, le=256)] = 2
    # Of a model of Hugging Face, see docs/gpu.md. What its outputs mean, in their order; empty: as
    # the model says.
    model_labels: tuple[Label, ...] = ()
    score_device: Annotated[str, Field(pattern=r"^(auto|cpu|cuda(:\d{1,3})?)$")] = "auto"
    score_precision: Precision = "auto"
    score_compile: bool = False  # by torch.compile: a slower start
    # Seconds with input waiting and nothing acknowledged after which a stage ends, to be restarted.
    stall_seconds: Annotated[float, Field(gt=0, le=86_400)] = 120.0
    # Of a worker process; above it the process ends, to be restarted. 0: no limit.
    memory_limit_mb: Annotated[int, Field(ge=0)] = 0
    # Of the embedded broker, which keeps all it was ever given: above it the line finishes what is
    # on its way and goes on with an empty one.
    broker_memory_mb: Annotated[int, Field(ge=20)] = 1_500
    # Share of unreadable posts among the last 2,000 above which the line stops. 1: never.
    dead_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    metrics_port: Annotated[int, Field(ge=0, le=65535)] = 0  # 0: not served
    # Of watch: what feeds report, or the real time. Production is "wall": whoever writes to
    # posts.raw reports nothing, so "line" would wait for ever. `run` sets it by itself.
    clock: Literal["line", "wall"] = "line"
    # From a post's publication to the incident's change, as messages and figures are held to.
    objective_seconds: Annotated[float, Field(gt=0, le=86_400)] = 60.0
    page_url: str = ""  # where links in messages lead; empty: no links
    page: PageSettings | None = None  # who may look at the page
    simulated: bool = False  # everything shown says so
    feed: str = ""  # what `worker feed` reads, as the supervisor writes it (JSON)
    # The file that is followed while the line runs, and what the environment has set in its place:
    # `run` and `worker` set both.
    config_path: Path | None = None
    config_fixed: tuple[str, ...] = ()

    def torch_options(self, tell: Tell = told_to_nobody) -> TorchOptions:
        """How a model of Hugging Face is run; `tell` is told what was found of its device."""
        return TorchOptions(
            device=self.score_device,
            precision=self.score_precision,
            compiled=self.score_compile,
            labels=self.model_labels,
            tell=tell,
        )

    @field_validator("receivers")
    @classmethod
    def _told_apart(cls, receivers: tuple[Receiver, ...]) -> tuple[Receiver, ...]:
        for name, count in Counter(receiver.name for receiver in receivers).items():
            if count > 1:
                raise ValueError(f"{count} receivers are called {name}: each needs its own name")
        return receivers

    @field_validator("brands")
    @classmethod
    def _compared(cls, brands: tuple[Brand, ...]) -> tuple[Brand, ...]:
        names = {brand.name for brand in brands}
        for brand in brands:
            for other in brand.competitors:
                if other == brand.name or other not in names:
                    raise ValueError(f"{brand.name}: competitor {other!r} is no other brand here")
        return brands

    @model_validator(mode="after")
    def _routed(self) -> "Settings":
        if self.route:
            receivers = {receiver.name for receiver in self.receivers}
            check_names(
                self.route, receivers=receivers, brands={brand.name for brand in self.brands}
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        config = os.environ.get("GROUNDSWELL_CONFIG")
        if not config:
            return init_settings, env_settings
        if not Path(config).is_file():
            raise SettingsError(f"GROUNDSWELL_CONFIG names {config}: no such file")
        from_file = InitSettingsSource(settings_cls, read_config(Path(config)))
        return init_settings, env_settings, from_file


class FileSettings(Settings):
    """What it is given and the defaults, without a look at the environment."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def is_setting(variable: str) -> bool:
    """Whether a variable of the environment sets one of ours, or names the file of them.

    >>> is_setting("GROUNDSWELL_KAFKA"), is_setting("GROUNDSWELL_SLACK_TOKEN")
    (True, False)
    """
    prefix, _, name = variable.upper().partition(PREFIX)
    field = name.partition("__")[0].lower()
    return not prefix and (field == "config" or field in Settings.model_fields)


def dump(settings: Settings) -> dict[str, object]:
    """The settings as a YAML file for GROUNDSWELL_CONFIG holds them, secrets included.

    It is for the processes of a line, which serve no page.
    """
    plain = settings.model_dump(
        mode="json",
        by_alias=True,
        exclude={
            "receivers",
            "clickhouse",
            "author_key",
            "route",
            "page",
            "feeds",
            "push",
            "kafka_security",
        },
    )
    if settings.route:
        plain["route"] = settings.route.model_dump(mode="json", by_alias=True, exclude_none=True)
    plain["clickhouse"] = settings.clickhouse.get_secret_value()
    plain["author_key"] = settings.author_key.get_secret_value()
    plain["kafka_security"] = reveal_security(settings.kafka_security)
    plain["feeds"] = revealed(settings.feeds)
    plain["push"] = revealed(settings.push)
    plain["receivers"] = [reveal(receiver) for receiver in settings.receivers]
    return plain
