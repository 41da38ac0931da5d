-- Posts and negative posts a brand and bucket of 5 minutes; all brands, or the one that is named.
SELECT brand, toStartOfFiveMinutes(published_at) AS bucket, count(), countIf(sentiment = 'negative')
FROM counted_posts
WHERE published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND ({brand:String} = '' OR brand = {brand:String})
GROUP BY brand, bucket
ORDER BY brand, bucket
SETTINGS do_not_merge_across_partitions_select_final = 1
