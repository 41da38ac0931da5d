-- As infra/queries/doctor_replicas.sql, of every replica.
SELECT concat(table, ' on ', hostName()) AS of_replica
FROM clusterAllReplicas('$cluster', system.replicas)
WHERE database = '$local' AND is_readonly
ORDER BY of_replica
