-- Rows that no count sees any more and whose words are still on the disk.
SELECT
    (
        SELECT count()
        FROM posts
        WHERE version != 18446744073709551615 AND (brand, toStartOfHour(published_at), post_id) IN
        (
            SELECT brand, toStartOfHour(published_at), post_id FROM posts WHERE version = 18446744073709551615
        )
    ) AS posts,
    (
        SELECT count()
        FROM corrections
        WHERE (note != '' OR text != '')
          AND post_id IN (SELECT id FROM erasures WHERE scope = 'post')
    ) AS corrections,
    (SELECT count() - uniqExact(event_id) FROM incident_events) AS incidents
