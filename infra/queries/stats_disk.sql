-- What our tables take on the disk, the largest first.
SELECT table, sum(rows), sum(bytes_on_disk) AS bytes
FROM system.parts
WHERE database = currentDatabase() AND active
GROUP BY table
ORDER BY bytes DESC, table
