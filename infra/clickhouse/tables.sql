-- Columns of the tables of a database that hold rows or stand for such.
SELECT table, name, type
FROM system.columns
WHERE database = {database:String} AND table IN
(
    SELECT name FROM system.tables
    WHERE database = {database:String} AND (endsWith(engine, 'MergeTree') OR engine = 'Distributed')
)
ORDER BY table, position
