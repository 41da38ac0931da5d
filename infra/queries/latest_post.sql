-- How long nothing had come before a moment.
SELECT max(published_at), count()
FROM counted_posts
WHERE published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
