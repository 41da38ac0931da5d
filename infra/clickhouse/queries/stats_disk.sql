-- As infra/queries/stats_disk.sql: of all shards, every copy counted.
SELECT table, sum(rows), sum(bytes_on_disk) AS bytes
FROM clusterAllReplicas('$cluster', system.parts)
WHERE database = '$local' AND active
GROUP BY table
ORDER BY bytes DESC, table
