-- The bytes of dead letters and what their reason quotes. Receipts come as in settled_receipts.
ALTER TABLE dead_letters
UPDATE payload = '', detail = {detail:String}
WHERE payload != '' AND (feed, position) IN
(
    SELECT unhex(splitByChar(':', receipt)[1]), toInt64(splitByChar(':', receipt)[2])
    FROM (SELECT arrayJoin(splitByChar(',', {receipts:String})) AS receipt)
)
SETTINGS mutations_sync = 0
