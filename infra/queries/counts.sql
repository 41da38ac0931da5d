-- Counts a brand and bucket of 5 minutes. A voice repeats nobody and is no spam. What was fetched
-- later is counted apart: it is shown, and is never a reason for an alert.
SELECT
    brand,
    toStartOfFiveMinutes(published_at) AS bucket,
    countIf(NOT is_backfill) AS volume,
    countIf(NOT is_backfill AND sentiment = 'negative') AS negative,
    countIf(NOT is_backfill AND NOT is_duplicate AND NOT is_repost AND NOT is_spam) AS voices,
    countIf(NOT is_backfill AND NOT is_duplicate AND NOT is_repost AND NOT is_spam
        AND sentiment = 'negative') AS negative_voices,
    countIf(is_backfill) AS backfilled,
    countIf(is_backfill AND sentiment = 'negative') AS backfilled_negative
FROM counted_posts
WHERE published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
GROUP BY brand, bucket
ORDER BY brand, bucket
SETTINGS do_not_merge_across_partitions_select_final = 1
