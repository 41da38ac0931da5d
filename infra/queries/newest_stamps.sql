-- The times of the newest post of a brand before a moment, negative or of every mood.
SELECT published_at, received_at, scored_at, stored_at
FROM counted_posts
WHERE brand = {brand:String}
  AND published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND (sentiment = 'negative' OR {all:UInt8})
  AND NOT is_backfill
ORDER BY published_at DESC, post_id
LIMIT 1
