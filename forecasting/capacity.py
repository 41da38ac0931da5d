"""What a load needs: processes, partitions, GPUs, shards, disk. Arithmetic on measured rates.

A stage gets as many cores as keep it `utilisation` busy at the peak: beyond about 0.7 the wait in a
queue grows faster than the load (Kleinrock, Queueing Systems, 1975, 1: rho / (1 - rho)).
"""

import math

from msgspec import Struct

LEAST_PARTITIONS = 24
LEAST_PROCESSES = 2  # one may be lost
SHARD_CORES = 16
SHARD_BYTES = 16e12  # what a server copies to a new replica within a day
DAY = 86_400
MONTH = 30 * DAY
# One for a brand of it, and about one for its key.
ROWS_A_POST = 2.0


class Rates(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one core does, in posts per CPU-second, and what a post weighs, in bytes.

    `gpu` is posts a second of one GPU; `gpu_measured` says whether anybody measured it.
    """

    measured: str
    feed: float
    refine: float
    score_english: float
    score_languages: float
    score_host: float  # all of a score process but its model
    store: float
    database_rows: float
    judge_seconds: float  # CPU of watch to judge a brand, every five minutes
    forecast_seconds: float  # CPU of watch to forecast a brand, every hour
    raw_bytes: float
    clean_bytes: float
    scored_bytes: float
    row_bytes: float  # of a post in ClickHouse, on disk
    gpu: float
    gpu_measured: bool


class Load(Struct, frozen=True, kw_only=True):
    """What comes, and how it is to be held. Shares are 0 to 1.

    `matched` is the share of posts that name a brand, `distinct` that of their texts that repeat no
    other (a text is scored once), `english` that of texts the English model judges.
    """

    posts_per_second: float
    brands: int
    peak: float = 2.0  # times the average, in the busiest minutes of a usual day
    matched: float = 1.0
    distinct: float = 0.6
    english: float = 0.5
    utilisation: float = 0.6
    score_threads: int = 2
    gpus: bool = False
    kafka_hours: float = 168.0
    kafka_copies: int = 3
    kept_days: float = 400.0
    replicas: int = 2


class Stage(Struct, frozen=True, kw_only=True):
    """One stage at the peak: what arrives, what its processes can do, and why so many."""

    name: str
    arriving: float  # posts a second
    capacity: float  # posts a second of all its processes
    processes: int
    cores: float
    gpus: int = 0


class Plan(Struct, frozen=True, kw_only=True):
    """What to run. Disk in bytes, with all copies."""

    load: Load
    stages: tuple[Stage, ...]
    partitions: int
    shards: int
    database_cores: int  # of one replica of each shard, together
    database_capacity: float  # posts that name a brand, a second
    kafka_bytes: float
    database_bytes: float
    database_bytes_a_month: float
    network_bytes_per_second: float

    @property
    def cores(self) -> float:
        """Of all stages, without Kafka's and ClickHouse's."""
        return sum(stage.cores for stage in self.stages)

    @property
    def gpus(self) -> int:
        """Of all stages."""
        return sum(stage.gpus for stage in self.stages)


def plan(load: Load, rates: Rates) -> Plan:
    """What `load` needs. Raises ValueError for a load that is none.

    >>> one = Rates(measured="", feed=50e3, refine=2e4, score_english=2e3, score_languages=500,
    ...     score_host=6e4, store=2e4, database_rows=1e5, judge_seconds=1e-3, forecast_seconds=0.1,
    ...     raw_bytes=400, clean_bytes=600, scored_bytes=700, row_bytes=140, gpu=2e4,
    ...     gpu_measured=False)
    >>> [(one.name, one.processes) for one in plan(
    ...     Load(posts_per_second=10_000, brands=100, matched=0.1), one).stages]
    [('feed', 2), ('refine', 2), ('score', 2), ('store', 2), ('watch', 2), ('deliver', 2)]
    """
    _check(load)
    arriving = load.posts_per_second * load.peak
    matched = arriving * load.matched
    stages = (
        _stage("feed", arriving, rates.feed, load),
        _stage("refine", arriving, rates.refine, load),
        _score(matched, rates, load),
        _stage("store", matched, rates.store, load),
        *_watch_and_deliver(matched, rates, load),
    )
    stored = load.posts_per_second * load.matched * rates.row_bytes * load.replicas
    database_cores = matched * ROWS_A_POST / rates.database_rows / load.utilisation
    kept = stored * load.kept_days * DAY
    shards = max(
        1,
        math.ceil(database_cores / SHARD_CORES),
        math.ceil(kept / load.replicas / SHARD_BYTES),
    )
    on_topics = rates.raw_bytes + load.matched * (rates.clean_bytes + rates.scored_bytes)
    written = load.posts_per_second * on_topics * load.kafka_copies
    cores = max(4 * shards, math.ceil(database_cores))
    return Plan(
        load=load,
        stages=stages,
        partitions=_partitions(max(stage.processes for stage in stages)),
        shards=shards,
        database_cores=cores,
        database_capacity=cores * rates.database_rows / ROWS_A_POST,
        kafka_bytes=written * load.kafka_hours * 3600,
        database_bytes=kept,
        database_bytes_a_month=stored * MONTH,
        # Each topic is written with its copies and read once, at the peak.
        network_bytes_per_second=load.peak
        * load.posts_per_second
        * on_topics
        * (load.kafka_copies + 1),
    )


def limits(made: Plan, rates: Rates) -> list[str]:
    """What this plan cannot hold, or is not known to hold, in words."""
    told = []
    watch = _watch_cores(made.load.brands, rates)
    if watch > made.load.utilisation:
        told.append(
            f"watch needs {watch:.1f} cores, and one process watches all brands: "
            "run several installations, each with a part of the brands"
        )
    if made.partitions > 2_000:
        told.append(
            f"{made.partitions:,} partitions a topic is more than one Kafka cluster is good for: "
            "split feeds over several clusters"
        )
    if made.shards > 1:
        told.append(
            f"posts are sharded by brand, and a brand is not split: one with more than "
            f"{1 / made.shards:.1%} of all posts makes its shard the slow one"
        )
    if made.gpus and not rates.gpu_measured:
        told.append("the rate of a GPU is assumed, not measured: run benchmarks/gpu.py on yours")
    if not made.gpus and made.cores > 500:
        told.append("--gpus: scoring on so many cores costs more than on GPUs")
    return told


def _check(load: Load) -> None:
    if load.posts_per_second <= 0 or load.brands <= 0 or load.peak < 1:
        raise ValueError("posts a second and brands are positive, and a peak is 1 or more")
    for name in ("matched", "distinct", "english", "utilisation"):
        share = getattr(load, name)
        if not 0 <= share <= 1 or (share == 0 and name in ("matched", "utilisation")):
            raise ValueError(f"{name} is a share: 0 to 1")


def _stage(name: str, arriving: float, rate: float, load: Load) -> Stage:
    processes = max(LEAST_PROCESSES, math.ceil(arriving / rate / load.utilisation))
    return Stage(
        name=name,
        arriving=arriving,
        capacity=processes * rate,
        processes=processes,
        cores=processes,
    )


def _score(arriving: float, rates: Rates, load: Load) -> Stage:
    """A post costs its part of the host's work, and each distinct text the model's."""
    host = 1 / rates.score_host
    if load.gpus:
        wanted = arriving * load.distinct / rates.gpu / load.utilisation
        gpus = max(LEAST_PROCESSES, math.ceil(wanted))
        cores = max(gpus, math.ceil(arriving * host / load.utilisation))
        most = min(gpus * rates.gpu / max(load.distinct, 1e-9), cores / host)
        return Stage(
            name="score", arriving=arriving, capacity=most, processes=gpus, cores=cores, gpus=gpus
        )
    model = load.english / rates.score_english + (1 - load.english) / rates.score_languages
    seconds = host + load.distinct * model
    processes = max(
        LEAST_PROCESSES, math.ceil(arriving * seconds / load.utilisation / load.score_threads)
    )
    cores = processes * load.score_threads
    return Stage(
        name="score", arriving=arriving, capacity=cores / seconds, processes=processes, cores=cores
    )


def _watch_and_deliver(arriving: float, rates: Rates, load: Load) -> tuple[Stage, Stage]:
    """Of each one acts and one stands by. They read counts, not posts."""
    watch = max(0.1, _watch_cores(load.brands, rates))
    return (
        _standing_by("watch", arriving, cores=round(2 * watch, 1)),
        _standing_by("deliver", arriving, cores=0.2),
    )


def _standing_by(name: str, arriving: float, *, cores: float) -> Stage:
    return Stage(name=name, arriving=arriving, capacity=math.inf, processes=2, cores=cores)


def _watch_cores(brands: int, rates: Rates) -> float:
    return brands * (rates.judge_seconds / 300 + rates.forecast_seconds / 3600)


def _partitions(processes: int) -> int:
    """Room for twice the processes, in dozens, which many numbers of processes divide evenly."""
    return max(LEAST_PARTITIONS, 12 * math.ceil(2 * processes / 12))
