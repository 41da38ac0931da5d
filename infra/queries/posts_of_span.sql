-- Posts of all brands in a span, each once, with what decides where and how they count.
SELECT text, toStartOfFiveMinutes(published_at) AS bucket, sentiment = 'negative' AS is_negative,
       NOT is_duplicate AND NOT is_repost AND NOT is_spam AS is_voice
FROM counted_posts
WHERE published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND ({all:UInt8} OR NOT is_backfill)
LIMIT 1 BY post_id
SETTINGS do_not_merge_across_partitions_select_final = 1
