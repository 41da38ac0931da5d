-- As counts, of one brand.
SELECT
    toStartOfFiveMinutes(published_at) AS bucket,
    countIf(NOT is_backfill) AS volume,
    countIf(NOT is_backfill AND sentiment = 'negative') AS negative,
    countIf(NOT is_backfill AND NOT is_duplicate AND NOT is_repost AND NOT is_spam) AS voices,
    countIf(NOT is_backfill AND NOT is_duplicate AND NOT is_repost AND NOT is_spam
        AND sentiment = 'negative') AS negative_voices,
    countIf(is_backfill) AS backfilled,
    countIf(is_backfill AND sentiment = 'negative') AS backfilled_negative
FROM counted_posts
WHERE brand = {brand:String}
  AND published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
GROUP BY bucket
SETTINGS do_not_merge_across_partitions_select_final = 1
