-- Tables whose replica takes no inserts.
SELECT table FROM system.replicas WHERE database = currentDatabase() AND is_readonly ORDER BY table
