"""English phrases of simulated posts about what each invented brand sells."""

from processors.simulate_words import Rules

# fmt: off
DOMAINS: dict[str, Rules] = {
    "bikes": {
        "product": (
            "e-bike", "scooter", "cargo bike", "folding bike", "City 3", "Trail 2", "commuter",
            "kids bike", "e-scooter", "Metro S",
        ),
        "thing": (
            "motor", "brake", "saddle", "app", "range", "charger", "display", "lock", "delivery",
            "frame", "warranty", "gear shift", "build quality", "suspension",
        ),
        "mishap": (
            "lost its brakes", "broke down", "won't charge", "arrived bent", "died on a hill",
            "lost a pedal", "stopped working", "makes a horrible noise", "locked me out",
            "failed", "cracked", "threw me off", "rusted through",
        ),
        "delight": (
            "flew up the hill",
            "got me to work in {minutes} minutes",
            "rides like a dream",
            "just works",
            "makes commuting fun",
            "came early",
            "looks stunning",
            "did 60 miles easily",
            "survived the rain perfectly",
        ),
    },
    "audio": {
        "product": (
            "headphones", "earbuds set", "speaker", "soundbar", "Halo 3", "turntable",
            "Studio One", "headset", "radio", "Pulse Mini",
        ),
        "thing": (
            "sound", "bass", "noise cancelling", "battery life", "app", "fit", "case",
            "bluetooth", "microphone", "charging cable", "volume control", "build quality",
            "delivery",
        ),
        "mishap": (
            "keeps disconnecting", "stopped working", "crackles all the time", "won't pair",
            "died mid call", "fell apart", "hurts my ears", "lost the left side",
            "won't turn on", "came scratched", "drains in an hour", "buzzes horribly",
        ),
        "delight": (
            "sounds like a concert", "fits perfectly", "blocks out the whole train",
            "lasts for days", "paired in seconds", "makes every song better", "came early",
            "gave me goosebumps", "saved my commute", "just works",
        ),
    },
    "furniture": {
        "product": (
            "sofa", "desk", "bookshelf", "bed", "armchair", "wardrobe", "lamp", "dining table",
            "mattress", "Fjord chair",
        ),
        "thing": (
            "delivery", "fabric", "assembly", "finish", "manual", "packaging", "comfort",
            "website", "warranty", "colour match", "drawer", "build quality", "returns desk",
        ),
        "mishap": (
            "arrived damaged",
            "collapsed",
            "came with missing screws",
            "fell apart",
            "was delivered to the wrong house",
            "smells awful",
            "split in two",
            "wobbles badly",
            "never arrived",
            "scratched my floor",
            "lost a leg",
            "stained on day one",
        ),
        "delight": (
            "looks gorgeous", "took ten minutes to build", "is so comfy",
            "fits the room perfectly", "came a day early", "survived my cats",
            "made the flat a home", "got so many compliments", "feels solid",
        ),
    },
    "phones": {
        "product": (
            "contract", "sim", "5G plan", "family plan", "phone", "router", "roaming pack",
            "Nova 8", "tablet", "data plan",
        ),
        "thing": (
            "signal", "coverage", "app", "billing", "hotline", "speed", "roaming", "camera",
            "battery", "activation", "online chat", "upload", "contract page",
        ),
        "mishap": (
            "dropped every call", "has no signal", "stopped working", "was cancelled by mistake",
            "got billed twice", "locked me out", "crashed", "is down", "ran out for no reason",
            "never got activated", "slowed to nothing", "failed abroad",
        ),
        "delight": (
            "works everywhere",
            "is super fast",
            "was active in minutes",
            "saved me a fortune",
            "has signal even in the mountains",
            "streams without a hitch",
            "just works",
            "made moving easy",
            "lasts all weekend",
        ),
    },
    "cars": {
        "product": (
            "SUV", "sedan", "hatchback", "EV", "E5", "pickup", "van", "wallbox", "X7",
            "city car",
        ),
        "thing": (
            "battery range", "gearbox", "infotainment", "seat", "paint", "service",
            "lane assist", "heating", "dealer", "trunk", "air con", "build quality", "key fob",
            "navigation",
        ),
        "mishap": (
            "broke down", "won't start", "leaks when it rains", "lost power on the motorway",
            "rattles like crazy", "froze its screen", "failed inspection", "locked me out",
            "stalled", "needed a tow", "ate its brakes", "stopped charging",
        ),
        "delight": (
            "drives like a dream", "did 400 miles on one charge", "is so quiet",
            "parks itself perfectly", "turned every head", "handled the snow beautifully",
            "saved us a fortune on fuel", "charges in {minutes} minutes", "just works",
        ),
    },
}
