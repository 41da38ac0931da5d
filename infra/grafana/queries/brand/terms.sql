-- What the posts of the newest incident say, and how many of the posts say it.
SELECT
    JSONExtractString(term, 'text') AS "Said",
    JSONExtractFloat(term, 'share') AS "Share of the posts"
FROM
(
    SELECT argMax(body, (at, number)) AS newest
    FROM incident_events FINAL
    WHERE brand IN (${brand:sqlstring}) AND change != 'resolved'
      AND $__timeFilter(at)
)
ARRAY JOIN JSONExtractArrayRaw(newest, 'evidence', 'terms') AS term
ORDER BY "Share of the posts" DESC
LIMIT 8
