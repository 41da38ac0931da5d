-- Take back the outcome of dead letters that are tried again. Receipts come as in settled_receipts.
ALTER TABLE receipts DELETE
WHERE outcome = 'dead' AND (feed, position) IN
(
    SELECT unhex(splitByChar(':', receipt)[1]), toInt64(splitByChar(':', receipt)[2])
    FROM (SELECT arrayJoin(splitByChar(',', {receipts:String})) AS receipt)
)
SETTINGS mutations_sync = 1
