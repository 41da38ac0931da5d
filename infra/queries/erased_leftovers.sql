-- Rows that no count sees any more and whose words are still on the disk.
SELECT
    (
        SELECT count()
        FROM posts
        WHERE is_deleted = 0 AND (brand, toStartOfHour(published_at), post_id) IN
        (
            SELECT brand, toStartOfHour(published_at), post_id FROM posts WHERE is_deleted = 1
        )
    ) AS posts,
    (
        SELECT count()
        FROM corrections
        WHERE (note != '' OR text != '') AND
        (
            post_id IN (SELECT post_id FROM posts WHERE is_deleted = 1)
            OR post_id IN (SELECT id FROM erasures WHERE scope = 'post')
        )
    ) AS corrections,
    (SELECT count() - uniqExact(event_id) FROM incident_events) AS incidents
