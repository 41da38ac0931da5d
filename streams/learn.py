"""`groundswell learn` and `rollback`: corrections into a model, and a model out of the line again.

The line itself learns nothing: `learn --every` is a process of its own, and what it makes live is
picked up by score workers that look into the same data folder.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from infra.corrections import read_corrections
from infra.model_events import Kind, ModelEvent, model_event, read_model_events, write_model_events
from infra.model_registry import FOLLOWS, Registry
from infra.settings import Settings
from infra.store import Store
from processors.model_card import LABELS
from processors.models import ENGLISH
from streams.failures import UsageError

_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_ALL: Final = 1_000_000
_SHOWN: Final = 20
OpenStore = Callable[[], Store]


def learn(
    settings: Settings,
    open_store: OpenStore,
    *,
    now: Callable[[], datetime],
    dry_run: bool,
    parent: Path = ENGLISH,
) -> str:
    """Learn once from all corrections there are; what came of it, in one line.

    The database is open only while it is read and written. Raises UsageError, ModelError,
    StoreError.
    """
    from processors.learn import LEAST, propose, usable, version_of, write_model
    from processors.learn_fit import Head
    from processors.model_folder import open_folder, read_card, read_heads
    from processors.replay import Labelled, features_of, read_replay
    from processors.score_onnx import OnnxScorer

    if settings.model not in FOLLOWS:
        raise UsageError(
            f"the setting model is {settings.model}: corrections are learnt by the English model, "
            f"with {' or '.join(FOLLOWS)}"
        )
    card = read_card(parent)
    with closing(open_store()) as store:
        corrections = read_corrections(store)
        events = [one for one in read_model_events(store, limit=_ALL) if one.kind != "drift"]
    said = [Labelled(one.text, LABELS.index(one.label), one.language) for one in corrections]
    told = usable(said, card)
    if len(told) < LEAST:
        return f"corrections of English texts: {len(told)}; to learn from them {LEAST} are needed"
    version = version_of(card, told)
    registry = Registry(settings.data)
    done = {event.model: event.kind for event in reversed(events)}
    if version in done and not dry_run:
        return f"{version} was {done[version].replace('_', ' ')}; no new corrections since"
    new = len(told) - _learnt(events, card.version)
    if new < LEAST and not dry_run:
        return f"corrections since the last model: {new}; for another {LEAST} are needed"
    exits = len(card.exits)
    replay = read_replay(parent, exits)
    scorer = OnnxScorer(parent, threads=settings.score_threads)
    features = features_of(scorer, [one.text for one in told], [one.language for one in told])
    heads = [Head(*head) for head in read_heads(parent, exits)]
    candidate = propose(card, heads, replay, told, features)
    verdict = candidate.verdict
    outcome: Kind = "activated" if verdict.accepted else "refused"
    if dry_run:
        return f"{version} would be {outcome}: {verdict.reason}"
    at = now()
    if verdict.accepted:
        candidate = candidate._replace(
            card=msgspec.structs.replace(candidate.card, date=at.date().isoformat())
        )
        folder = registry.add(
            version, lambda made: write_model(candidate, parent=parent, folder=made)
        )
        open_folder(folder)
        registry.activate(version)
    _record(open_store, outcome, version, at, msgspec.to_builtins(verdict))
    return f"{version} {outcome}: {verdict.reason}"


def _learnt(events: Sequence[ModelEvent], parent: str) -> int:
    """Return how many corrections a model was made of that went live, rolled back since or not.

    Without it, one more correction would bring back what somebody has just rolled back.
    """
    made = [
        msgspec.json.decode(event.detail)["corrections"]
        for event in events
        if event.kind == "activated" and event.model.startswith(f"{parent}.")
    ]
    return max(made, default=0)


def rollback(settings: Settings, open_store: OpenStore, *, now: datetime) -> str:
    """Go back to the model that was live before; says which. ModelError if there is none."""
    before, after = Registry(settings.data).rollback()
    after = after or "the shipped model"
    _record(open_store, "rolled_back", before, now, {"to": after})
    return f"{before} rolled back; live is {after}"


def told_events(open_store: OpenStore, *, as_json: bool) -> str:
    """Return the newest events about models, a line each, or as a JSON array."""
    with closing(open_store()) as store:
        events = read_model_events(store, limit=_SHOWN)
    if as_json:
        return msgspec.json.encode(
            [
                {**msgspec.to_builtins(one), "detail": msgspec.Raw(one.detail.encode())}
                for one in events
            ]
        ).decode()
    lines = [
        f"{one.at:%Y-%m-%d %H:%M}  {one.kind:<11}  {one.model}  {_short(one)}" for one in events
    ]
    return "\n".join(lines) or "nothing has happened to models"


def _short(event: ModelEvent) -> str:
    detail = msgspec.json.decode(event.detail)
    if event.kind == "drift":
        return f"{detail['signal']} {detail['before']:.3f} -> {detail['after']:.3f}"
    return str(detail.get("reason") or f"live is {detail.get('to', '')}")


def seconds_of(text: str, *, option: str = "--every") -> float:
    """Return the length of a time such as `90s`, `30m`, `1h` or `1d`; UsageError names `option`."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if found is None or int(found[1]) == 0:
        raise UsageError(f"{option} {text}: give a number and s, m, h or d, such as 1h")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]]).total_seconds()


def _record(
    open_store: OpenStore, kind: Kind, model: str, at: datetime, detail: dict[str, Any]
) -> None:
    with closing(open_store()) as store:
        write_model_events(store, [model_event(kind, model, at, detail)])
