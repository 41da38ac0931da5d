-- The rows under the row that takes a post out (processors.version.ERASED), which stays.
ALTER TABLE posts
DELETE WHERE version != 18446744073709551615 AND (brand, toStartOfHour(published_at), post_id) IN
(
    SELECT brand, toStartOfHour(published_at), post_id FROM posts WHERE version = 18446744073709551615
)
SETTINGS mutations_sync = 0
