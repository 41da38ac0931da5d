-- Where a watcher goes on: at the beginning, or after a stretch without any post.
SELECT min(published_at), count()
FROM counted_posts
WHERE published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
