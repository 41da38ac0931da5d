SELECT brand, kind, at, body FROM forecast_memory FINAL ORDER BY brand, kind
