ALTER TABLE posts
UPDATE kept_days = {days:UInt16}
WHERE brand = {brand:String} AND kept_days != {days:UInt16}
SETTINGS mutations_sync = 0
