"""The page that people look at: one server of JSON, events and a few static files."""
