-- The newest posts by arrival in pages of so many bytes, oldest first: the bounds of each.
-- Only rows that can be among the newest are grouped: {rows} is several rows (one a brand) a post.
WITH
    newest AS
    (
        SELECT post_id, max(received_at) AS at, max(length(key_text)) + length(post_id) AS bytes
        FROM posts
        PREWHERE received_at >=
        (
            SELECT min(received_at)
            FROM (SELECT received_at FROM posts ORDER BY received_at DESC LIMIT {rows:Int64})
        )
        WHERE is_deleted = 0
        GROUP BY post_id
        ORDER BY at DESC, post_id DESC
        LIMIT {limit:Int64}
    ),
    paged AS
    (
        SELECT at, post_id, intDiv(sum(bytes + 100) OVER (ORDER BY at, post_id), {bytes:Int64}) AS page
        FROM newest
    )
SELECT toUnixTimestamp64Milli(min((at, post_id)).1), min((at, post_id)).2,
       toUnixTimestamp64Milli(max((at, post_id)).1), max((at, post_id)).2
FROM paged
GROUP BY page
ORDER BY page
