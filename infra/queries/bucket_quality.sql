-- Buckets of a brand that were not ok.
SELECT bucket, quality
FROM bucket_quality FINAL
WHERE brand = {brand:String}
  AND bucket >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND bucket < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
