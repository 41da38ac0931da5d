-- As infra/queries/doctor_disks.sql, of every replica.
SELECT concat(hostName(), ' ', name) AS disk, free_space, total_space
FROM clusterAllReplicas('$cluster', system.disks)
WHERE total_space > 0 AND total_space < 1e18
ORDER BY disk
