-- What processes of a stage had in hand when they ended. One row with first = -2 says that there were
-- such processes at all.
SELECT topic, partition, offset, first, tries, version
FROM attempts FINAL
WHERE stage = {stage:String} AND consumers = {consumers:String} AND (tries > 0 OR first = -2)
