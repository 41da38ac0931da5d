"""The command `plan`: what a load needs, and what disturbances would do to it.

What takes long to import is imported in functions.
"""

from pathlib import Path
from typing import Annotated

import typer

# Beyond these no plan means anything, and its figures no longer fit a table.
MOST_POSTS = 1e9
MOST_TIMES = 1_000
MOST_COPIES = 100
MOST_BRANDS = 10_000_000
MOST_DAYS = 36_500


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command()(plan)


def plan(
    posts_per_second: Annotated[float, typer.Option(min=0.001, max=MOST_POSTS, help="on average")],
    brands: Annotated[int, typer.Option(min=1, max=MOST_BRANDS)] = 100,
    peak: Annotated[
        float,
        typer.Option(min=1.0, max=MOST_TIMES, help="times the average, at the peak of a usual day"),
    ] = 2.0,
    matched: Annotated[
        float, typer.Option(min=0.0001, max=1.0, help="share of posts that name a brand")
    ] = 1.0,
    distinct: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="share of texts that repeat none")
    ] = 0.6,
    english: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="share of texts that are English")
    ] = 0.5,
    gpus: Annotated[bool, typer.Option("--gpus", help="score on GPUs")] = False,
    utilisation: Annotated[
        float, typer.Option(min=0.05, max=0.95, help="how busy to keep cores at the peak")
    ] = 0.6,
    kept_days: Annotated[
        float, typer.Option(min=1, max=MOST_DAYS, help="how long ClickHouse keeps posts")
    ] = 400,
    kafka_hours: Annotated[
        float, typer.Option(min=1, max=MOST_DAYS * 24, help="how long Kafka keeps them")
    ] = 168,
    copies: Annotated[int, typer.Option(min=1, max=MOST_COPIES, help="of each Kafka topic")] = 3,
    replicas: Annotated[
        int, typer.Option(min=1, max=MOST_COPIES, help="of each ClickHouse shard")
    ] = 2,
    burst: Annotated[
        float, typer.Option(min=1, max=MOST_TIMES, help="times the average, for five minutes")
    ] = 20,
    rates: Annotated[
        Path | None,
        typer.Option(
            help="of your machines, from `python -m benchmarks.rates`", show_default=False
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="for a program")] = False,
) -> None:
    """Say what a load needs: processes, GPUs, partitions, shards, disk; and what bursts would do.

    It counts with rates measured on one machine: measure yours with `python -m benchmarks.rates`.

    Example: groundswell plan --posts-per-second 1000 --brands 200 --matched 0.1
    """
    from forecasting.capacity import Load
    from forecasting.capacity import plan as made_for
    from forecasting.disturbances import play
    from infra.rates import RatesError, read_rates
    from streams.failures import UsageError
    from streams.plan import as_json, as_lines

    try:
        known = read_rates(rates)
    except (RatesError, OSError) as error:
        raise UsageError(f"--rates: {error}") from error
    load = Load(
        posts_per_second=posts_per_second,
        brands=brands,
        peak=peak,
        matched=matched,
        distinct=distinct,
        english=english,
        gpus=gpus,
        utilisation=utilisation,
        kept_days=kept_days,
        kafka_hours=kafka_hours,
        kafka_copies=copies,
        replicas=replicas,
    )
    made = made_for(load, known)
    played = play(made, burst=burst)
    if json:
        typer.echo(as_json(made, played, known))
        return
    for line in as_lines(made, played, known):
        typer.echo(line)
