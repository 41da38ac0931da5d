"""Settings: environment (GROUNDSWELL_*) over files of secrets (GROUNDSWELL_SECRETS: a folder, with
such as `groundswell_author_key`) over one YAML file (GROUNDSWELL_CONFIG) over defaults.

One place says how the embedded line and real servers differ: no Kafka address means the embedded
broker, no ClickHouse address means the embedded engine in `data`.
"""

import os
from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from infra.brands import Brand
from infra.config_file import PREFIX, read_config
from infra.deliver.routes import Route, check_names
from infra.feeds.settings import Feeds, PushSettings, revealed
from infra.kafka_security import KafkaSecurity, reveal_security
from infra.page.settings import PageSettings
from infra.receivers import Receiver, ReceiverSettings, reveal
from processors.records import Label
from processors.torch_options import Precision, Tell, TorchOptions, told_to_nobody


class Settings(BaseSettings):
    """Everything that may differ between two installations."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,  # it may be a secret
        use_attribute_docstrings=True,
    )

    data: Path = Path("groundswell-data")
    """Folder of the embedded database."""
    kafka: str = ""
    """`host:port[,host:port]`; empty: the embedded broker."""
    kafka_security: KafkaSecurity = Field(default_factory=KafkaSecurity)
    """Login and TLS of its servers: docs/kafka.md."""
    kafka_retention_hours: Annotated[int, Field(ge=1, le=24 * 365)] = 168
    """How long topics that `groundswell topics` creates keep messages: the longest that a stage may
    be down."""
    clickhouse: SecretStr = SecretStr("")
    """`clickhouse://user:password@host:9000/database` (`clickhouses://` for TLS); empty: the
    embedded database."""
    clickhouse_cluster: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]*$")] = ""
    """Name in the server's `remote_servers`: tables are replicated, and sharded by brand. Empty:
    one server."""
    clickhouse_quorum: Literal["all", "majority"] = "all"
    """Replicas that have an insert when it returns; see docs/clickhouse.md before `majority`."""
    clickhouse_connections: Annotated[int, Field(ge=2, le=256)] = 8
    """Connections that a process has at most."""
    backups: Path | None = None
    """Folder for copies of the embedded database, and for what is counted of a server's; empty:
    `backups` in the database's own, and where the command is run."""
    partitions: Annotated[int, Field(ge=1, le=1024)] = 1
    """Of each topic of posts: the most processes that can share one stage's work; the same for
    every process. With one, posts are seen in the order they came."""
    replication: Annotated[int, Field(ge=1, le=10)] = 1
    """Copies of each topic that `groundswell topics` creates."""
    group: str = "1"
    """Version of the consumer groups; a new one reads everything again."""
    brands: tuple[Brand, ...] = ()
    """What to watch; JSON in the environment."""
    receivers: tuple[ReceiverSettings, ...] = ()
    """Who is told, and by which way: docs/delivery.md."""
    route: Route | None = None
    """Who is told of what and when; without it every receiver gets every change at once:
    docs/routing.md."""
    allow_hosts: tuple[str, ...] = ()
    """Private or loopback hosts that receivers and feeds may be at."""
    feeds: Feeds = ()
    """What is read continuously, by `groundswell run` and `worker feeds`: docs/feeds.md."""
    push: PushSettings | None = None
    """Where `groundswell run` and `worker feeds` take posts over HTTP."""
    authors: Literal["pseudonymous", "plain"] = "pseudonymous"
    """Authors are stored under a keyed hash, or (`plain`) under the names they go by."""
    author_key: SecretStr = SecretStr("")
    """Key of the hash: a long random text, the same for every process. The embedded line makes one,
    `author.key` in its data folder."""
    model: str = "auto"
    """Sentiment model: `auto`, `english`, `languages`, a folder, `hf:NAME` or `py:MODULE:FUNCTION`
    (a scorer of your own); see `groundswell models`."""
    score_threads: Annotated[int, Field(ge=1, le=256)] = 2
    """CPU threads of a score process."""
    model_labels: tuple[Label, ...] = ()
    """Of a model of Hugging Face: what its outputs mean, in their order, as
    `["negative", "neutral", "positive"]`; empty: what the model says. docs/gpu.md."""
    score_device: Annotated[str, Field(pattern=r"^(auto|cpu|cuda(:\d{1,3})?)$")] = "auto"
    """Where such a model runs: `cpu`, `cuda`, `cuda:1`; `auto`: a GPU if there is one."""
    score_precision: Precision = "auto"
    """`bfloat16`, `float16` or `float32`; `auto`: half on a GPU."""
    score_compile: bool = False
    """Whether torch.compile makes it faster, for a slower start."""
    stall_seconds: Annotated[float, Field(gt=0, le=86_400)] = 120.0
    """A stage with input waiting that acknowledges nothing for so long ends and is restarted."""
    memory_limit_mb: Annotated[int, Field(ge=0)] = 0
    """A worker above it ends and is restarted; 0: none on servers, and what `groundswell run` gives
    each of its workers."""
    broker_memory_mb: Annotated[int, Field(ge=20)] = 1_500
    """The embedded broker never forgets: above it the line goes on with an empty one, once every
    stage has acknowledged all it was given."""
    dead_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Share of unreadable posts among the last 2,000 above which refine stops the line; 1:
    never."""
    metrics_port: Annotated[int, Field(ge=0, le=65531)] = 0
    """Prometheus metrics of `groundswell worker`, and with the next four ports those of the
    processes of `groundswell run`: docs/metrics.md; 0: none."""
    clock: Literal["line", "wall"] = "line"
    """Time that watch goes by: `line`, what feeds report, or `wall`, the real time. Servers want
    `wall`: whoever writes to `posts.raw` reports nothing, so `line` would wait for ever.
    `groundswell run` sets it."""
    objective_seconds: Annotated[float, Field(gt=0, le=86_400)] = 60.0
    """How soon after its newest post a change of an incident is to be noticed, and after its
    publication a post stored; webhooks and metrics say whether it was."""
    page_url: str = ""
    """Where links in messages lead; empty: no links, and of `groundswell run` its own page."""
    page: PageSettings | None = None
    """Who may look at the page, users and tokens: docs/page.md; empty: whoever has the address that
    is printed."""
    real_kafka: bool = True
    """No, when `kafka` is the supervisor's embedded broker."""
    socket: Path | None = None
    """Unix socket of the process that owns the embedded database."""
    simulated: bool = False
    """Everything shown says so."""
    feed: str = ""
    """What `worker feed` reads (JSON)."""
    config_path: Path | None = None
    """The file that is followed while the line runs."""
    config_fixed: tuple[str, ...] = ()
    """What the environment or the command has set in the file's place."""

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
        sources: list[PydanticBaseSettingsSource] = [init_settings, env_settings]
        if secrets := os.environ.get("GROUNDSWELL_SECRETS"):
            if not Path(secrets).is_dir():
                raise SettingsError(f"GROUNDSWELL_SECRETS names {secrets}: no such folder")
            sources.append(SecretsSettingsSource(settings_cls, secrets_dir=secrets))
        if config := os.environ.get("GROUNDSWELL_CONFIG"):
            if not Path(config).is_file():
                raise SettingsError(f"GROUNDSWELL_CONFIG names {config}: no such file")
            sources.append(InitSettingsSource(settings_cls, read_config(Path(config))))
        return tuple(sources)


SET_BY_THE_PROGRAM = frozenset(
    {"real_kafka", "socket", "simulated", "feed", "config_path", "config_fixed"}
)
"""Fields that one process of ours sets for another."""


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
    return not prefix and (field in ("config", "secrets") or field in Settings.model_fields)


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
