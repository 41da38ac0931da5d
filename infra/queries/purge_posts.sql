-- The rows under the row that takes a post out, which stays.
ALTER TABLE posts
DELETE WHERE is_deleted = 0 AND (brand, toStartOfHour(published_at), post_id) IN
(
    SELECT brand, toStartOfHour(published_at), post_id FROM posts WHERE is_deleted = 1
)
SETTINGS mutations_sync = 0
