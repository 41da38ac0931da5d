-- What can be said of counted hours: the newest insert into posts; the mark, 0 where there is none that
-- holds. It holds for some hours only, while no change of files is under way, and on the engine that
-- numbers inserts in the order in which they are seen.
WITH
    (
        SELECT count()
        FROM system.mutations
        WHERE database = currentDatabase() AND table = 'posts' AND NOT is_done
    ) AS changes,
    (
        SELECT (max(block), max(at) > now() - toIntervalHour({hours:UInt32}))
        FROM hour_marks FINAL
    ) AS mark
SELECT
    toUInt64(max(max_block_number)) AS newest_block,
    count() > 0 AND countIf(engine != 'ReplacingMergeTree') = 0 AND changes = 0 AS is_settled,
    if(is_settled AND mark.2 AND mark.1 <= newest_block, mark.1, 0) AS marked
FROM system.parts
WHERE database = currentDatabase() AND table = 'posts' AND active
