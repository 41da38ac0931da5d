-- When the first and the last post about a brand were published, and how many there are.
SELECT min(published_at), max(published_at), count()
FROM counted_posts
WHERE brand = {brand:String}
