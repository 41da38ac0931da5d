-- The server's time, in milliseconds.
SELECT toUnixTimestamp64Milli(now64(3))
