-- Posts of a brand by label and step of so many minutes; steps of a day begin at midnight in the zone.
SELECT
    toInt64(toUnixTimestamp(
        if({step:UInt32} = 1440,
            toStartOfDay(published_at, {zone:String}),
            toStartOfInterval(published_at, toIntervalMinute({step:UInt32}), 'UTC')
        )
    )) AS start,
    countIf(sentiment = 'negative') AS negative,
    countIf(sentiment = 'neutral') AS neutral,
    countIf(sentiment = 'positive') AS positive
FROM counted_posts
WHERE brand = {brand:String}
  AND published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
GROUP BY start
ORDER BY start
SETTINGS do_not_merge_across_partitions_select_final = 1
