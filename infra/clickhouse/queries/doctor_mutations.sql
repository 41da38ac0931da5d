-- As infra/queries/doctor_mutations.sql, of every replica, which is named before the number.
SELECT table, concat(hostName(), ' ', mutation_id) AS mutation, latest_fail_reason
FROM clusterAllReplicas('$cluster', system.mutations)
WHERE database = '$local' AND is_done = 0
    AND (latest_fail_reason != '' OR create_time < now() - INTERVAL 1 HOUR)
ORDER BY create_time, mutation
