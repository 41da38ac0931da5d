-- As posts_shown, of posts of one language.
SELECT
    brand,
    toInt64(toUnixTimestamp(toStartOfInterval(published_at, toIntervalMinute({step:UInt32})))) AS start,
    count(),
    countIf(sentiment = 'negative')
FROM counted_posts
WHERE published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND lang = {language:String}
GROUP BY brand, start
ORDER BY brand, start
SETTINGS do_not_merge_across_partitions_select_final = 1
