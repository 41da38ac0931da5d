-- Which of some rows have an outcome. Keys as in intake_rows; duplicates do no harm here.
SELECT feed, position
FROM receipts
WHERE (feed, position) IN
(
    SELECT unhex(splitByChar(':', key)[1]), toInt64(splitByChar(':', key)[2])
    FROM (SELECT arrayJoin(splitByChar(',', {keys:String})) AS key)
)
