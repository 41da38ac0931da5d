-- What became of a backup or of a restoring, by its id.
SELECT toString(status), error, toUInt64(total_size)
FROM system.backups
WHERE id = {id:String}
