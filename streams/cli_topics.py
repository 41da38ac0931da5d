"""The command around Kafka's topics.

What takes long to import is imported in functions.
"""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command()(topics)


def topics(
    check: Annotated[
        bool, typer.Option("--check", help="change nothing, say what differs")
    ] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="change topics that differ, where that is safe")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="with --apply: what is not safe as well")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
) -> None:
    """Create the topics that are missing on the Kafka in GROUNDSWELL_KAFKA. Safe to repeat.

    Existing topics stay as they are, unless with --apply. Partitions, copies and how long messages
    are kept: GROUNDSWELL_PARTITIONS, GROUNDSWELL_REPLICATION, GROUNDSWELL_KAFKA_RETENTION_HOURS.
    The exit status is 1 where --check or --apply leaves a difference.

    Example: GROUNDSWELL_KAFKA=kafka:9092 GROUNDSWELL_PARTITIONS=24 groundswell topics
    """
    from contextlib import closing

    from infra.settings import Settings
    from streams import topic_check
    from streams.failures import UsageError

    if (check and apply) or (force and not apply):
        raise UsageError("--check, or --apply, or --apply --force")
    settings = Settings()
    wanted = topic_check.wanted_of(settings)
    with closing(topic_check.open_admin(settings)) as admin:
        if apply:
            changes = topic_check.apply(admin, wanted, forced=force)
            told = topic_check.as_json(changes) if as_json else topic_check.change_text(changes)
            typer.echo(told)
            raise typer.Exit(0 if all(change.done for change in changes) else 1)
        made = [] if check else admin.create(wanted)
        found = topic_check.compared(admin, wanted)
    if check:
        typer.echo(topic_check.as_json(found) if as_json else topic_check.check_text(found))
        raise typer.Exit(1 if found else 0)
    if as_json:
        import json

        typer.echo(json.dumps({"created": made, "differences": len(found)}))
        return
    typer.echo("\n".join(f"created {name}" for name in made) or "nothing to do")
    if found:
        typer.echo("some differ from what they are to be: groundswell topics --check", err=True)
