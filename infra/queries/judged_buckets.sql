-- Buckets whose numbers were told when they were judged.
SELECT brand, bucket
FROM bucket_reports
WHERE number = 0
  AND bucket >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND bucket < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
