-- As infra/queries/mutations.sql, of every replica; a number is of one server only, so it is named.
SELECT concat(hostName(), ' ', mutation_id) AS mutation, latest_fail_reason
FROM clusterAllReplicas('$cluster', system.mutations)
WHERE database = '$local' AND table = {table:String} AND is_done = 0
ORDER BY create_time, mutation
