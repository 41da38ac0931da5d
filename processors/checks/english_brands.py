"""English cases of brands: whose name it is must not matter; what happened to it must."""

from processors.checks.case import Case, minimum, moves, same

_BRANDS = (
    "Apple",
    "Samsung",
    "Ryanair",
    "United Airlines",
    "Nestle",
    "Comcast",
    "Huawei",
    "Zalando",
)
_NAMED = (
    "My {} order arrived on Tuesday.",
    "{} opens a new office in Lisbon next month.",
    "I am really pleased with the support I got from {}.",
    "{} lost my order and refuses to refund me.",
)


def cases() -> list[Case]:
    """Return the cases of this module."""
    named = [
        (template.format("Acme"), template.format(brand))
        for template in _NAMED
        for brand in _BRANDS
    ]
    return [*same("brands", named), *_public_relations()]


def _public_relations() -> list[Case]:
    return [
        *minimum(
            "public relations",
            "-",
            (
                "Glass found in their baby food, I am horrified.",
                "The toaster I bought caught fire, they knew and said nothing.",
                "Third outage this week and not a word from them.",
                "Servers down again, nobody in our office can work. Unbelievable.",
                "So my card number leaked in their data breach and I learn it from the news?",
                "They sold our data. Delete your account while you can.",
                "Time to boycott this company for good.",
                "Joining the boycott. They treat their workers like dirt.",
                "That apology was an insult to everyone who got hurt.",
                "A non-apology from the CEO, blaming the customers. Shameful.",
                "Six weeks and still no refund.",
                "They refuse to refund my cancelled trip.",
                "500 people fired over a video call while the boss gets a bonus. Disgraceful.",
                "Their ad is racist and they should take it down.",
                "My mother was dragged off the plane, she is still shaking.",
                "Price up 30 percent, quality down. Cancelled my subscription.",
                "The driver shouted at my kids. How is this acceptable?",
                "Dead fish all along the river below their plant. Make them pay.",
                "I got ill from your salad and support laughed at me.",
                "Fake reviews, fake discounts, fake company.",
            ),
        ),
        *minimum(
            "public relations",
            "+",
            (
                "Kudos to their support, problem solved in five minutes.",
                "Shout out to Maria at the help desk, she saved my holiday!",
                "Refund arrived within a day, impressed.",
                "Great to see a company own its mistake and make it right.",
                "An honest apology and a voucher for everyone affected. Respect.",
                "So proud of what this team has built.",
                "They replaced my broken kettle for free, thank you!",
                "Well handled: quick, clear and kind. Other companies should take note.",
                "Congratulations on the award, so well deserved!",
                "Happy customer for ten years now.",
                "They donated 10,000 meals after the flood. Love to see it.",
                "Finally a bank that listens. Thank you!",
            ),
        ),
        *minimum(
            "public relations",
            "0",
            (
                "The company will present its annual report on Thursday.",
                "The firm names Jane Smith as its new finance director.",
                "The press conference starts at 11 am in Berlin.",
                "The company has moved its headquarters from Austin to Denver.",
                "How can I reach your press office?",
                "The board meets on Tuesday to elect a chair.",
                "Shareholders vote on the proposal on 12 June.",
                "The store in Leeds is now open until 9 pm.",
            ),
        ),
        *minimum(
            "public relations",
            "-0",
            (
                "The company recalls 40,000 cars over faulty brakes.",
                "The service is down in parts of Europe, the company says.",
                "A data breach at the retailer exposed two million accounts.",
                "The regulator fined the bank $5 million.",
                "Workers at the plant have gone on strike.",
            ),
        ),
        *minimum(
            "public relations",
            "+0",
            (
                "The company won the regional export award.",
                "The service is back up for all customers.",
                "The airline says it will refund all tickets.",
                "The firm will hire 300 people at its new plant.",
            ),
        ),
        *moves(
            "public relations",
            "negative",
            (
                (
                    "They sent me a message about my order.",
                    "They sent me a message that my order is lost.",
                ),
                ("The company issued a statement.", "The company issued a statement full of lies."),
                (
                    "The retailer updated its terms.",
                    "The retailer updated its terms to cheat its customers.",
                ),
                ("They answered my email.", "They answered my email with an insult."),
            ),
            by=0.1,
        ),
        *moves(
            "public relations",
            "less negative",
            (
                (
                    "My order never came and nobody helps.",
                    "My order never came but they sent a new one the same day, thank you.",
                ),
                (
                    "They charged me twice.",
                    "They charged me twice but gave the money back at once and said sorry.",
                ),
                (
                    "Their site was down all morning.",
                    "Their site was down all morning but it is back and works well now, thanks.",
                ),
            ),
            by=0.05,
        ),
    ]
