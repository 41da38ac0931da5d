-- Which model gave the scores that count.
SELECT $__timeInterval(at) AS time, toString(model) AS model, sum(posts) AS "Value"
FROM post_looks(
    since = toUnixTimestamp($__fromTime) * 1000,
    turn = toUnixTimestamp($__fromTime) * 1000,
    until = toUnixTimestamp($__toTime) * 1000 + 1,
    step = $__interval_s)
WHERE brand IN (${brand:sqlstring})
GROUP BY time, model
ORDER BY time, model
