-- What people did about an incident, oldest first.
SELECT at, action, by, detail
FROM audit FINAL
WHERE (action IN ('acknowledge', 'acknowledge withdrawn') AND JSONExtractString(detail, 'incident') = {incident_id:String})
    OR (action = 'verdict' AND JSONExtractString(detail, 'about') = {incident_id:String})
    OR (action IN ('silence', 'silence ended', 'label', 'label withdrawn', 'resend')
        AND position(detail, {incident_id:String}) > 0)
ORDER BY at, id
LIMIT 200
