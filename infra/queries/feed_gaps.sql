-- Gaps and catch-ups that touch a span of time, the newest first.
SELECT feed, source, kind, since, until, reason
FROM feed_gaps FINAL
WHERE until > fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND since < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
ORDER BY since DESC, feed
LIMIT {limit:UInt32}
