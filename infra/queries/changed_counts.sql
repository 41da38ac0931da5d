-- When each brand's posts came to be counted otherwise: by another query, or without a source that
-- had a good part of them. Counts before that bucket are not like those after it.
SELECT brand, max(bucket)
FROM bucket_quality FINAL
WHERE quality = 'changed'
  AND bucket >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND bucket < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
GROUP BY brand
