-- Which of these receipts have an outcome that no dead letter may take back. Names of feeds may hold
-- anything, so a receipt comes as HEX:POSITION, with commas between.
SELECT feed, position
FROM receipts FINAL
WHERE (feed, position) IN
(
    SELECT unhex(splitByChar(':', receipt)[1]), toInt64(splitByChar(':', receipt)[2])
    FROM (SELECT arrayJoin(splitByChar(',', {receipts:String})) AS receipt)
)
AND outcome != 'dead'
