-- The line in one row, now: what waits, what could not be read, how far what was judged is behind.
SELECT
    (
        SELECT sum(posts)
        FROM post_looks(
            since = toUnixTimestamp($__fromTime) * 1000,
            turn = toUnixTimestamp($__fromTime) * 1000,
            until = toUnixTimestamp($__toTime) * 1000 + 1,
            step = 3600)
    ) AS "Posts",
    (SELECT count() FROM outbox FINAL)
        - (SELECT count() FROM receipts FINAL WHERE (feed, position) IN (SELECT feed, position FROM outbox))
        AS "Waiting",
    (
        SELECT count()
        FROM dead_letters FINAL
        WHERE (feed, position) NOT IN
        (
            SELECT feed, position FROM receipts FINAL
            WHERE outcome != 'dead' AND (feed, position) IN (SELECT feed, position FROM dead_letters)
        )
    ) AS "Dead letters",
    (
        SELECT dateDiff('second', max(bucket), least(now(), $__toTime))
        FROM watch_state FINAL
        WHERE brand = ''
    ) AS "Judged until, behind",
    (
        SELECT countIf(state NOT IN ('live', 'stopped')) FROM feed_cursors FINAL
    ) AS "Feeds not live",
    (
        SELECT count()
        FROM system.mutations
        WHERE database IN (currentDatabase(), concat(currentDatabase(), '_local')) AND NOT is_done
    ) AS "Changes of tables under way"
