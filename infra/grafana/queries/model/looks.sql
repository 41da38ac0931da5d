-- How sure scores are, how many are unsure, and how many words are unknown, over time.
SELECT
    $__timeInterval(at) AS time,
    sum(confidence) / sum(posts) AS "Confidence",
    sum(unsure) / sum(posts) AS "Unsure",
    sum(unknown) / sum(posts) AS "Unknown words"
FROM post_looks(
    since = toUnixTimestamp($__fromTime) * 1000,
    turn = toUnixTimestamp($__fromTime) * 1000,
    until = toUnixTimestamp($__toTime) * 1000 + 1,
    step = $__interval_s)
WHERE brand IN (${brand:sqlstring})
GROUP BY time
ORDER BY time
