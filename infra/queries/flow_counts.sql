-- Posts by brand, source, model, query and bucket of 5 minutes: through which pipe they came. What was
-- fetched later says nothing of the present.
SELECT brand, source, model, toStartOfFiveMinutes(published_at) AS bucket, count(), query
FROM counted_posts
WHERE published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND NOT is_backfill
GROUP BY brand, source, model, query, bucket
SETTINGS do_not_merge_across_partitions_select_final = 1
