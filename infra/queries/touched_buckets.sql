-- Buckets that rows were written to since a moment, and when the last row of each kind was. Without
-- FINAL: a row that replaces another or takes it away is what is looked for.
SELECT
    brand,
    toStartOfFiveMinutes(published_at) AS bucket,
    multiIf(
        version = 18446744073709551615, 'erased',
        version >= 16384, 'edited',
        is_backfill, 'backfill',
        'late') AS reason,
    max(stored_at)
FROM posts
WHERE stored_at >= fromUnixTimestamp64Milli({stored:Int64}, 'UTC')
  AND published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
GROUP BY brand, bucket, reason
