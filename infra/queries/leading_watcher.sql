-- The watcher that began first of those that beat within some milliseconds, by the server's clock.
SELECT id
FROM watchers FINAL
WHERE beat > now64(3) - toIntervalMillisecond({within:Int64})
ORDER BY began, id
LIMIT 1
