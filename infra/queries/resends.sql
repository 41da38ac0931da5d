-- Notices that somebody wants sent again, each time they asked.
SELECT receiver, notice_id, number, by
FROM resends FINAL
ORDER BY at, receiver, notice_id, number
