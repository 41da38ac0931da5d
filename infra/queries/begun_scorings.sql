-- Scorings of history that somebody began.
SELECT detail
FROM audit FINAL
WHERE action = 'rescore'
ORDER BY at, id
