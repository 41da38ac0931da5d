-- When the newest word on an incident was said, 0 if there is none (epoch milliseconds).
SELECT toUnixTimestamp64Milli(max(at)) FROM acknowledgements WHERE incident_id = {incident_id:String}
