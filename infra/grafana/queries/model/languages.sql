-- Scores by language.
SELECT
    toString(lang) AS "Language",
    sum(posts) AS "Posts",
    sum(negative) / "Posts" AS "Negative",
    sum(confidence) / "Posts" AS "Confidence",
    sum(unsure) / "Posts" AS "Unsure",
    sum(unknown) / "Posts" AS "Unknown words"
FROM post_looks(
    since = toUnixTimestamp($__fromTime) * 1000,
    turn = toUnixTimestamp($__fromTime) * 1000,
    until = toUnixTimestamp($__toTime) * 1000 + 1,
    step = 3600)
WHERE brand IN (${brand:sqlstring})
GROUP BY lang
ORDER BY "Posts" DESC, "Language"
LIMIT 15
