-- The partition in the most files: with thousands of them inserts are refused.
SELECT table, partition, count() AS parts
FROM system.parts
WHERE active AND database = currentDatabase()
GROUP BY table, partition
ORDER BY parts DESC, table, partition
LIMIT 1
