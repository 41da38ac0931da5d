-- What the roles need beside roles.sql where there is a cluster.
GRANT$on_cluster TABLE ENGINE ON ReplicatedReplacingMergeTree TO ${database}_migrator;
GRANT$on_cluster TABLE ENGINE ON Distributed TO ${database}_migrator;
GRANT$on_cluster CLUSTER ON *.* TO ${database}_migrator, ${database}_writer, ${database}_backup;
GRANT$on_cluster REMOTE ON *.* TO ${database}_migrator, ${database}_writer;
GRANT$on_cluster CREATE TEMPORARY TABLE ON *.* TO ${database}_writer;

-- Whoever reads Distributed tables: a shard that is away is an error, and subqueries are answered by
-- all shards before the query goes to each.
CREATE SETTINGS PROFILE IF NOT EXISTS ${database}_sharded$on_cluster SETTINGS distributed_product_mode = 'global', prefer_localhost_replica = 0, skip_unavailable_shards = 0 CONST TO ${database}_grafana, ${database}_reader;
