-- The clock of the server.
SELECT now64(3, 'UTC')
