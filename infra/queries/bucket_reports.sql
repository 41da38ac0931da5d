-- All that was told of a brand's buckets that changed after they were judged.
SELECT bucket, number, volume, negative, at, reason
FROM bucket_reports FINAL
WHERE brand = {brand:String}
  AND bucket >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND bucket IN (SELECT bucket FROM bucket_reports WHERE brand = {brand:String} AND number > 0)
ORDER BY bucket, number
