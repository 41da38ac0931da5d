-- Bytes of each disk; object stores tell none.
SELECT name, free_space, total_space FROM system.disks
WHERE total_space > 0 AND total_space < 1e18
ORDER BY name
