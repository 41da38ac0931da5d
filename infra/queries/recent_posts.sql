-- The newest posts by arrival, newest first: what refine remembers after a restart.
SELECT post_id, any(feed), any(position), any(key_text), any(cluster_id), any(is_duplicate)
FROM posts FINAL
GROUP BY post_id
ORDER BY max(received_at) DESC, post_id
LIMIT {limit:Int64}
