-- How long nothing had come before a moment.
SELECT max(published_at), count()
FROM posts FINAL
WHERE published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
