-- Posts of a brand in a span, newest first: what an incident is explained with. Negative ones only,
-- or of every mood.
SELECT post_id, author, followers, url, text, key_text, source, lang, published_at, p_negative,
       is_repost, is_duplicate, cluster_id, is_spam
FROM counted_posts
WHERE brand = {brand:String}
  AND published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND (sentiment = 'negative' OR {all:UInt8})
  AND NOT is_backfill
ORDER BY published_at DESC, post_id
LIMIT {limit:Int64}
