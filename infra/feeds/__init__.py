"""Feeds: one module a platform, each an async generator of batches from where it durably stands."""
