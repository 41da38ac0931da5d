-- Hours of each brand in which a feed was known to be stalled, or to send what it had held back.
SELECT DISTINCT brand, toStartOfHour(bucket) AS hour
FROM bucket_quality FINAL
WHERE quality IN ('gap', 'partial', 'catch_up')
  AND bucket >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND bucket < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
