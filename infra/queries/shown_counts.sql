-- The counts that are shown of the buckets of some hours (epoch seconds, with commas between).
SELECT brand, toStartOfFiveMinutes(published_at) AS bucket, count(), countIf(sentiment = 'negative')
FROM counted_posts
WHERE published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND toStartOfHour(published_at) IN
  (
      SELECT toDateTime(toUInt32(arrayJoin(splitByChar(',', {hours:String}))), 'UTC')
  )
GROUP BY brand, bucket
SETTINGS do_not_merge_across_partitions_select_final = 1
