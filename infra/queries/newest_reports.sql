-- What was told last of the buckets of some hours (epoch seconds, with commas between).
SELECT brand, bucket, max(number), argMax(volume, number), argMax(negative, number), max(at)
FROM bucket_reports FINAL
WHERE bucket >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND bucket < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND toStartOfHour(bucket) IN
  (
      SELECT toDateTime(toUInt32(arrayJoin(splitByChar(',', {hours:String}))), 'UTC')
  )
GROUP BY brand, bucket
