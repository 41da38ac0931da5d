-- Changes of files that fail, or are not done after an hour.
SELECT table, mutation_id, latest_fail_reason
FROM system.mutations
WHERE database = currentDatabase() AND is_done = 0
    AND (latest_fail_reason != '' OR create_time < now() - INTERVAL 1 HOUR)
ORDER BY create_time, mutation_id
