-- How each feed fares, those that need a look first.
SELECT
    feed AS "Feed",
    toString(source) AS "Source",
    replaceAll(toString(state), '_', ' ') AS "State",
    if(live_until = toDateTime64(0, 3, 'UTC'), NULL,
        greatest(0, dateDiff('second', toDateTime(live_until), least(now(), $__toTime)))) AS "Behind",
    rate AS "Posts a second",
    toInt64(posts) AS "Posts",
    toInt64(unreadable) AS "Unreadable",
    toInt64(errors) AS "Errors",
    leftUTF8(error, 200) AS "Last error",
    if(error = '', NULL, toDateTime(error_at)) AS "When"
FROM feed_cursors FINAL
ORDER BY state IN ('live', 'stopped'), "Behind" DESC, "Feed"
