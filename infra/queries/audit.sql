-- What was done by hand, the newest first.
SELECT id, at, action, by, detail
FROM audit FINAL
ORDER BY at DESC, id
LIMIT {limit:UInt32}
