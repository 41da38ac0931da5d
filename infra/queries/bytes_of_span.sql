-- How many bytes the posts of a span have, by five minutes: how many of them fit into one answer.
SELECT toStartOfFiveMinutes(published_at) AS bucket, sum(length(text) + 64) AS bytes
FROM counted_posts
WHERE published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND ({all:UInt8} OR NOT is_backfill)
GROUP BY bucket
ORDER BY bucket
SETTINGS do_not_merge_across_partitions_select_final = 1
