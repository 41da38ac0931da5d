-- Whether inserts wait for the disk: the line switches it off for each of its own, if it may.
SELECT value, readonly FROM system.settings WHERE name = 'async_insert'
