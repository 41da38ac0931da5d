-- Seconds that posts took, 95 of 100, from step to step. What was fetched later is left out.
SELECT
    time,
    scoring / 1000 AS "Received to scored",
    storing / 1000 AS "Scored to stored",
    whole[2] / 1000 AS "Received to stored",
    whole[1] / 1000 AS "Received to stored, median"
FROM
(
    SELECT
        $__timeInterval(published_at) AS time,
        quantileExactInclusive(0.95)(dateDiff('millisecond', received_at, scored_at)) AS scoring,
        quantileExactInclusive(0.95)(dateDiff('millisecond', scored_at, stored_at)) AS storing,
        quantilesExactInclusive(0.5, 0.95)(dateDiff('millisecond', received_at, stored_at)) AS whole
    FROM counted_posts
    WHERE $__timeFilter(published_at) AND NOT is_backfill
    GROUP BY time
)
ORDER BY time
