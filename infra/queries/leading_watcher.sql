-- Who began first of those in a role that beat within some milliseconds, by the server's clock.
SELECT id
FROM watchers FINAL
WHERE role = {role:String} AND beat > now64(3) - toIntervalMillisecond({within:Int64})
ORDER BY began, id
LIMIT 1
