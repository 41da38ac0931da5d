-- The times of the newest negative post of a brand before a moment.
SELECT published_at, received_at, scored_at, stored_at
FROM counted_posts
WHERE brand = {brand:String}
  AND published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND sentiment = 'negative'
  AND NOT is_backfill
ORDER BY published_at DESC, post_id
LIMIT 1
