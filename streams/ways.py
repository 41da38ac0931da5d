"""The ways out as the settings have them."""

from infra.channels.open_channels import Channels
from infra.settings import Settings


def ways_of(settings: Settings) -> Channels:
    """Opened on the running event loop, for whoever closes them."""
    return Channels(
        settings.allow_hosts,
        page_url=settings.page_url,
        objective_seconds=settings.objective_seconds,
    )
