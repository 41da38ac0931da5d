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
        $__timeInterval(at) AS time,
        quantileExactInclusiveArray(0.95)(scoring_ms) AS scoring,
        quantileExactInclusiveArray(0.95)(storing_ms) AS storing,
        quantilesExactInclusiveArray(0.5, 0.95)(arrayMap((one, next) -> one + next, scoring_ms, storing_ms)) AS whole
    FROM post_delays(
        since = toUnixTimestamp($__fromTime) * 1000,
        until = toUnixTimestamp($__toTime) * 1000 + 1,
        step = $__interval_s)
    GROUP BY time
)
ORDER BY time
