-- Stretches of which feeds know that they missed posts, the longest first.
SELECT
    feed AS "Feed",
    toDateTime(since) AS "Since",
    dateDiff('second', since, until) AS "Lasted",
    replaceAll(toString(kind), '_', ' ') AS "What",
    reason AS "Reason"
FROM feed_gaps FINAL
WHERE since <= $__toTime AND until >= $__fromTime
ORDER BY "Lasted" DESC, "Feed"
LIMIT 50
