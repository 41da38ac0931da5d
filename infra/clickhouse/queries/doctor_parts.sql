-- As infra/queries/doctor_parts.sql, of every replica.
SELECT table, concat(partition, ' on ', hostName()) AS of_replica, count() AS parts
FROM clusterAllReplicas('$cluster', system.parts)
WHERE active AND database = '$local'
GROUP BY table, of_replica
ORDER BY parts DESC, table, of_replica
LIMIT 1
