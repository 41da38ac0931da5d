-- Files of a table that were replaced by others and are still there.
SELECT count()
FROM system.parts
WHERE database = currentDatabase() AND table = {table:String} AND active = 0
