"""What a person names in a command has to be there: a word for what is not would do nothing."""

from infra.history import brand_span
from infra.incidents import Incident, incidents
from infra.receivers import Receiver
from infra.settings import Settings
from infra.store import Store
from streams.failures import UsageError


def known_incident(store: Store, incident_id: str) -> Incident:
    """The stored incident. UsageError if there is none of that id."""
    known = next((one for one in incidents(store) if one.incident_id == incident_id), None)
    if known is None:
        raise UsageError(f"no incident {incident_id}: messages name them, such as inc_0123456789ab")
    return known


def check_brand(store: Store, settings: Settings, brand: str) -> None:
    """UsageError for a brand that is not watched and of which there are no posts."""
    watched = any(one.name == brand for one in settings.brands)
    if not watched and brand_span(store, brand) is None:
        raise UsageError(f"no brand {brand!r}: `groundswell stats` lists the brands there are")


def known_receiver(settings: Settings, name: str) -> Receiver:
    """The receiver of the settings. UsageError if there is none of that name."""
    for receiver in settings.receivers:
        if receiver.name == name:
            return receiver
    there = ", ".join(receiver.name for receiver in settings.receivers) or "none"
    raise UsageError(f"no receiver {name!r} in the settings; there are: {there}")
