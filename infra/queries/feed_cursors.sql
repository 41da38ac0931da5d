-- How far each feed has read, and how it fares.
SELECT feed, source, version, cursor, at, live_until, tolerance, state, last_post, posts, erasures,
       unreadable, skipped, errors, rate, error, error_at, updated_at
FROM feed_cursors FINAL
ORDER BY feed
