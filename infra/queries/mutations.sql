-- Changes of a table's files that are not done, and why not if they fail.
SELECT mutation_id, latest_fail_reason
FROM system.mutations
WHERE database = currentDatabase() AND table = {table:String} AND is_done = 0
ORDER BY create_time, mutation_id
