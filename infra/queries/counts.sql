-- Counts a brand and bucket of 5 minutes. A voice repeats nobody and is no spam.
SELECT
    brand,
    toStartOfFiveMinutes(published_at) AS bucket,
    count() AS volume,
    countIf(sentiment = 'negative') AS negative,
    countIf(NOT is_duplicate AND NOT is_repost AND NOT is_spam) AS voices,
    countIf(NOT is_duplicate AND NOT is_repost AND NOT is_spam AND sentiment = 'negative')
        AS negative_voices
FROM counted_posts
WHERE published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
GROUP BY brand, bucket
ORDER BY brand, bucket
SETTINGS do_not_merge_across_partitions_select_final = 1
