-- Receipts among these that have an outcome which no dead letter may take back, and that outcome.
-- Names of feeds may hold anything, so a receipt comes as HEX:POSITION, with commas between. PREWHERE
-- comes before FINAL: the last row that is not a dead letter's, also where one was written after it.
SELECT feed, position, post_id, outcome, reason
FROM receipts FINAL
PREWHERE outcome != 'dead'
WHERE (feed, position) IN
(
    SELECT unhex(splitByChar(':', receipt)[1]), toInt64(splitByChar(':', receipt)[2])
    FROM (SELECT arrayJoin(splitByChar(',', {receipts:String})) AS receipt)
)
