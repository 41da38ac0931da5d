"""The outside world: settings, feeds, stores, webhooks, migrations; the only sockets and files."""
