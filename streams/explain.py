"""An incident's change with its evidence and its words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from forecasting.drivers import evidence
from forecasting.records import IncidentChange, IncidentEvent
from forecasting.tell import headline, message
from infra.series import negative_posts, newest_stamps
from streams.stage import Place

HOUR = timedelta(hours=1)
BASELINE = timedelta(days=1)


def explain(place: Place, change: IncidentChange, fired: datetime) -> IncidentEvent:
    """Why it happened and who says it, from the posts of its last hour against the day before."""
    store = place.store
    surge_start = min(change.since, change.at - HOUR)
    surge = negative_posts(store, change.brand, since=change.at - HOUR, until=change.at)
    baseline = negative_posts(store, change.brand, since=surge_start - BASELINE, until=surge_start)
    brand = next((b for b in place.settings.brands if b.name == change.brand), None)
    names = (change.brand, *(brand.aliases if brand else ()))
    event = IncidentEvent(
        change=change,
        evidence=evidence(
            surge,
            baseline,
            names=names,
            stamps=newest_stamps(store, change.brand, until=change.at, fired=fired),
        ),
        simulated=place.settings.simulated,
    )
    language = brand.language if brand else "en"
    zone = ZoneInfo(brand.timezone) if brand else UTC
    return msgspec.structs.replace(
        event, headline=headline(event, language, zone), message=message(event, language, zone)
    )
