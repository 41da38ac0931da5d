-- When the newest word on a silence was said, 0 if there is none (epoch milliseconds).
SELECT toUnixTimestamp64Milli(max(at)) FROM silences WHERE silence_id = {silence_id:String}
