"""Pictures of the dashboards, from their own JSON and what their queries answer."""
