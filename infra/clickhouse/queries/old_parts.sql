-- As infra/queries/old_parts.sql, of every replica.
SELECT count()
FROM clusterAllReplicas('$cluster', system.parts)
WHERE database = '$local' AND table = {table:String} AND active = 0
