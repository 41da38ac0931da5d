-- As counts, of one brand; what was fetched later counts as if it had come in time if `all` is 1.
SELECT
    toStartOfFiveMinutes(published_at) AS bucket,
    countIf({all:UInt8} OR NOT is_backfill) AS volume,
    countIf(({all:UInt8} OR NOT is_backfill) AND sentiment = 'negative') AS negative,
    countIf(({all:UInt8} OR NOT is_backfill) AND NOT is_duplicate AND NOT is_repost AND NOT is_spam)
        AS voices,
    countIf(({all:UInt8} OR NOT is_backfill) AND NOT is_duplicate AND NOT is_repost AND NOT is_spam
        AND sentiment = 'negative') AS negative_voices,
    countIf(NOT {all:UInt8} AND is_backfill) AS backfilled,
    countIf(NOT {all:UInt8} AND is_backfill AND sentiment = 'negative') AS backfilled_negative
FROM counted_posts
WHERE brand = {brand:String}
  AND published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
GROUP BY bucket
SETTINGS do_not_merge_across_partitions_select_final = 1
