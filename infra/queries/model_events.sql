-- What happened to models, the newest first.
SELECT id, at, kind, model, detail
FROM model_events FINAL
ORDER BY at DESC, id
LIMIT {limit:UInt32}
