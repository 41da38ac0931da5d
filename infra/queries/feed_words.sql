-- What each feed said last of how far it has come.
SELECT feed, state, clock FROM feed_progress FINAL ORDER BY feed
