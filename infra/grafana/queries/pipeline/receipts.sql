-- What became of everything that was read: read = stored + edited + erased + repeats + dropped + dead.
SELECT
    trimRight(concat(toString(outcome), ' ', replaceAll(toString(reason), '_', ' '))) AS "Outcome",
    count() AS "Messages"
FROM receipts FINAL
GROUP BY outcome, reason
ORDER BY "Messages" DESC, "Outcome"
