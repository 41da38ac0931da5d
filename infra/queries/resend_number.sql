-- How often a notice was asked for again.
SELECT max(number) FROM resends WHERE receiver = {receiver:String} AND notice_id = {notice_id:String}
