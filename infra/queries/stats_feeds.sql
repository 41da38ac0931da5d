-- What each feed reported last.
SELECT feed, clock, sent, durable, state, updated_at FROM feed_progress FINAL ORDER BY feed
