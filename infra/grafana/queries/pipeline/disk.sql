-- What tables take on the disk, the largest first; on a cluster, on the server that is asked.
SELECT
    table AS "Table",
    toInt64(sum(rows)) AS "Rows",
    toInt64(sum(bytes_on_disk)) AS "On disk",
    sum(bytes_on_disk) / nullIf(sum(rows), 0) AS "A row",
    count() AS "Parts"
FROM system.parts
WHERE database IN (currentDatabase(), concat(currentDatabase(), '_local')) AND active
GROUP BY table
ORDER BY "On disk" DESC, "Table"
LIMIT 15
