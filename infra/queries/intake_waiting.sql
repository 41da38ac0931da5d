-- Rows of the outbox by age, the oldest first. What they hold is not read, not even its length: this
-- is asked ten times a second, of everything that waits.
SELECT feed, position, arrived_at
FROM outbox FINAL
ORDER BY arrived_at, feed, position
LIMIT {limit:Int64}
