-- Posts a second that count, by the source they were published on.
SELECT $__timeInterval(at) AS time, toString(source) AS source, sum(posts) / $__interval_s AS "Value"
FROM post_looks(
    since = toUnixTimestamp($__fromTime) * 1000,
    turn = toUnixTimestamp($__fromTime) * 1000,
    until = toUnixTimestamp($__toTime) * 1000 + 1,
    step = $__interval_s)
GROUP BY time, source
ORDER BY time, source
