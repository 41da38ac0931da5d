-- Who may do what with our database. Safe to repeat. $$on_cluster is empty on one server, and $$local,
-- where the rows of a shard are, is there the database itself.

-- What brings the tables up to a version: `groundswell migrate`.
CREATE ROLE IF NOT EXISTS ${database}_migrator$on_cluster;
GRANT$on_cluster SELECT, INSERT, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP VIEW, DROP TABLE, ALTER TABLE ON $database.* TO ${database}_migrator;
GRANT$on_cluster SELECT, INSERT, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP VIEW, DROP TABLE, ALTER TABLE ON $local.* TO ${database}_migrator;
GRANT$on_cluster SELECT ON system.parts TO ${database}_migrator;
GRANT$on_cluster SELECT ON system.mutations TO ${database}_migrator;
GRANT$on_cluster TABLE ENGINE ON ReplacingMergeTree TO ${database}_migrator;
GRANT$on_cluster SELECT ON system.clusters TO ${database}_migrator;

-- What the stages, the page and the commands do: read, write, change rows, and tidy up after erasure.
-- It makes, empties and drops no table.
CREATE ROLE IF NOT EXISTS ${database}_writer$on_cluster;
GRANT$on_cluster SELECT, INSERT, ALTER UPDATE, ALTER DELETE, ALTER SETTINGS, OPTIMIZE ON $database.* TO ${database}_writer;
GRANT$on_cluster SELECT, INSERT, ALTER UPDATE, ALTER DELETE, ALTER SETTINGS, OPTIMIZE ON $local.* TO ${database}_writer;
GRANT$on_cluster SELECT ON system.parts TO ${database}_writer;
GRANT$on_cluster SELECT ON system.mutations TO ${database}_writer;
GRANT$on_cluster SELECT ON system.disks TO ${database}_writer;
GRANT$on_cluster SELECT ON system.replicas TO ${database}_writer;
GRANT$on_cluster SELECT ON system.clusters TO ${database}_writer;

-- Who looks, with SQL of their own: for a person or a program that may see what people wrote.
CREATE ROLE IF NOT EXISTS ${database}_reader$on_cluster;
GRANT$on_cluster SELECT ON $database.* TO ${database}_reader;
GRANT$on_cluster SELECT ON $local.* TO ${database}_reader;

-- Grafana's data source: everything but bytes that could not be read, what people wrote of posts,
-- and who was erased.
CREATE ROLE IF NOT EXISTS ${database}_grafana$on_cluster;
GRANT$on_cluster SELECT ON $database.* TO ${database}_grafana;
GRANT$on_cluster SELECT ON $local.* TO ${database}_grafana;
GRANT$on_cluster SELECT ON system.parts TO ${database}_grafana;
GRANT$on_cluster SELECT ON system.mutations TO ${database}_grafana;
REVOKE$on_cluster SELECT(payload, detail) ON $database.dead_letters FROM ${database}_grafana;
REVOKE$on_cluster SELECT(payload, detail) ON $local.dead_letters FROM ${database}_grafana;
REVOKE$on_cluster SELECT(payload) ON $database.outbox FROM ${database}_grafana;
REVOKE$on_cluster SELECT(payload) ON $local.outbox FROM ${database}_grafana;
REVOKE$on_cluster SELECT(text, note) ON $database.corrections FROM ${database}_grafana;
REVOKE$on_cluster SELECT(text, note) ON $local.corrections FROM ${database}_grafana;
REVOKE$on_cluster SELECT(id) ON $database.erasures FROM ${database}_grafana;
REVOKE$on_cluster SELECT(id) ON $local.erasures FROM ${database}_grafana;

-- What `groundswell backup` does.
CREATE ROLE IF NOT EXISTS ${database}_backup$on_cluster;
GRANT$on_cluster BACKUP, SELECT ON $database.* TO ${database}_backup;
GRANT$on_cluster BACKUP, SELECT ON $local.* TO ${database}_backup;
GRANT$on_cluster SELECT ON system.backups TO ${database}_backup;

-- Limits. Grafana sends a max_execution_time with each query, which readonly = 1 alone would refuse.
CREATE SETTINGS PROFILE OR REPLACE ${database}_grafana$on_cluster SETTINGS readonly = 1, max_execution_time = 30 MIN 1 MAX 300 CHANGEABLE_IN_READONLY, max_memory_usage = 4000000000 CONST, do_not_merge_across_partitions_select_final = 1, enable_shared_storage_snapshot_in_query = 1 TO ${database}_grafana;
CREATE SETTINGS PROFILE OR REPLACE ${database}_reader$on_cluster SETTINGS readonly = 2, max_execution_time = 60 MIN 1 MAX 600, max_memory_usage = 4000000000 MAX 8000000000, do_not_merge_across_partitions_select_final = 1 TO ${database}_reader;
