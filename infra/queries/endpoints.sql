-- Which addresses are gone for good, or were and are used again, and why.
SELECT receiver, endpoint, enabled, reason, at
FROM endpoints FINAL
ORDER BY receiver, endpoint
