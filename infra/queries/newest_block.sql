-- The newest insert into posts, as the database numbers them.
SELECT toUInt64(max(max_block_number))
FROM system.parts
WHERE database = currentDatabase() AND table = 'posts' AND active
