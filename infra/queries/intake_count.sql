-- Rows in the outbox, finished ones that are still to be forgotten among them.
SELECT count() FROM outbox
