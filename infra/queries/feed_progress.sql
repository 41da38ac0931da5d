-- What one feed reported last.
SELECT clock, sent, durable, state FROM feed_progress FINAL WHERE feed = {feed:String}
