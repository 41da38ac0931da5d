-- Posts and negative posts a brand and hour, as they are shown; all brands, or the one that is named.
SELECT brand, toStartOfHour(published_at) AS hour, count(), countIf(sentiment = 'negative')
FROM counted_posts
WHERE published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND ({brand:String} = '' OR brand = {brand:String})
GROUP BY brand, hour
ORDER BY brand, hour
SETTINGS do_not_merge_across_partitions_select_final = 1
