-- What became of everything that was read. A dead letter that was tried again has another outcome.
SELECT toString(outcome) AS what, toString(reason) AS why, count() AS receipts
FROM receipts FINAL
GROUP BY what, why
ORDER BY what, receipts DESC, why
