-- As infra/queries/new_rows.sql, which finds rows by the number of their insert: here these numbers say
-- nothing. So all brands may have something new (the empty name), and posts are those of the last half
-- minute, by when they were stored. Only files that were written lately are read for it.
SELECT
    1 AS is_all,
    '' AS of_brand,
    count() AS rows,
    uniqExact(post_id) AS posts,
    quantile(0.5)(
        dateDiff(
            'millisecond',
            if(published_at > stored_at - toIntervalDay(1) AND published_at <= stored_at,
                published_at, received_at),
            stored_at
        ) / 1000
    ) AS seconds,
    30 AS within
FROM posts
WHERE {block:UInt64} >= 0
  AND stored_at > now64(3, 'UTC') - toIntervalSecond(30)
  AND _part GLOBAL IN
  (
      SELECT DISTINCT name
      FROM clusterAllReplicas('$cluster', system.parts)
      WHERE database = '$local' AND table = 'posts' AND active
        AND modification_time > now() - toIntervalMinute(2)
  )
UNION ALL
SELECT 0, '', 0, 0, 0., 0
