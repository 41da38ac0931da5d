-- When the newest word on an address was said, 0 if there is none (epoch milliseconds).
SELECT toUnixTimestamp64Milli(max(at)) FROM endpoints
WHERE receiver = {receiver:String} AND endpoint = {endpoint:String}
