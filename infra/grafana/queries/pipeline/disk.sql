-- What tables take on the disk, the largest first.
SELECT
    table AS "Table",
    toInt64(sum(rows)) AS "Rows",
    toInt64(sum(bytes_on_disk)) AS "On disk",
    sum(bytes_on_disk) / nullIf(sum(rows), 0) AS "A row",
    count() AS "Parts"
FROM system.parts
WHERE database = currentDatabase() AND active
GROUP BY table
ORDER BY "On disk" DESC, "Table"
LIMIT 15
