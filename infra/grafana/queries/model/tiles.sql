-- What scores look like in one line: sure or not, of words that the model knows or not.
SELECT
    sum(posts) AS "Posts",
    sum(confidence) / nullIf("Posts", 0) AS "Confidence",
    sum(unsure) / nullIf("Posts", 0) AS "Unsure",
    sum(unknown) / nullIf("Posts", 0) AS "Unknown words",
    uniqExact(model) AS "Models",
    sum(rescored) / nullIf("Posts", 0) AS "Scored again later"
FROM post_looks(
    since = toUnixTimestamp($__fromTime) * 1000,
    turn = toUnixTimestamp($__fromTime) * 1000,
    until = toUnixTimestamp($__toTime) * 1000 + 1,
    step = 3600)
WHERE brand IN (${brand:sqlstring})
