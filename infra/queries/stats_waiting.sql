-- Posts that were acknowledged to their giver and have no outcome yet.
SELECT
    (SELECT count() FROM outbox FINAL)
    -
    (
        SELECT count()
        FROM receipts FINAL
        WHERE (feed, position) IN (SELECT feed, position FROM outbox)
    )
