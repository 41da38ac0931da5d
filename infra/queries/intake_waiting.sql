-- Rows of the outbox by age, the oldest first, without what they hold.
SELECT feed, position, arrived_at, length(payload)
FROM outbox FINAL
ORDER BY arrived_at, feed, position
LIMIT {limit:Int64}
