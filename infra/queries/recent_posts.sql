-- A page of the newest posts, oldest first: what refine remembers after a restart.
-- Without FINAL, which would merge the whole table: of rows written twice the last is taken here.
-- A row of an edit (its version is 2^14 or more) has the receipt of the edit, not the post's.
SELECT post_id, if(version < 16384, feed, '') AS owner, position, key_text, cluster_id, is_duplicate,
       first_said_by
FROM posts
PREWHERE received_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND received_at <= fromUnixTimestamp64Milli({until:Int64}, 'UTC')
WHERE (received_at, post_id) >= (fromUnixTimestamp64Milli({since:Int64}, 'UTC'), {first:String})
  AND (received_at, post_id) <= (fromUnixTimestamp64Milli({until:Int64}, 'UTC'), {last:String})
  AND is_deleted = 0
  AND post_id NOT IN (SELECT id FROM erasures WHERE scope = 'post')
ORDER BY received_at, post_id, stored_at DESC
LIMIT 1 BY post_id
