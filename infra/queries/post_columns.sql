-- The columns of a post's row, in the order in which `*` gives them.
SELECT name
FROM system.columns
WHERE database = currentDatabase() AND table = 'posts'
  AND default_kind NOT IN ('ALIAS', 'EPHEMERAL', 'MATERIALIZED')
ORDER BY position
