-- Posts that were stored in the last quarter of an hour, and published within the last day.
SELECT count() AS stored
FROM counted_posts
WHERE published_at > now() - toIntervalDay(1) AND stored_at > now() - toIntervalMinute(15)
