"""English cases of tone: sarcasm, emoji, hashtags, two languages in one post."""

from processors.checks.case import MOVE, Case, minimum, moves, same

_FACTS = (
    "My parcel arrived today",
    "Just landed in Chicago",
    "Season two is out",
    "They replied to my email",
    "The update installed last night",
)


def cases() -> list[Case]:
    """Return the cases of this module."""
    return [*_sarcasm(), *_emoji(), *_hashtags(), *_code_switching()]


def _sarcasm() -> list[Case]:
    return [
        *minimum(
            "sarcasm",
            "-",
            (
                "Oh great, another delay. Just what I needed.",
                "Wow, three hours on hold. Fantastic service, really.",
                "Thanks for losing my luggage, truly a first-class experience.",
                "Love paying extra for a seat that doesn't recline.",
                "Nice job breaking the app, guys. Slow clap.",
                "Yeah, because who doesn't love being charged twice.",
                "Brilliant idea to do roadworks at rush hour.",
                "Just what I always wanted: a cold pizza an hour late.",
                "So glad I paid $200 for headphones that last a month.",
                "Great, my phone died again. Best purchase ever /s",
                "What a surprise, the train is cancelled. Again.",
                "Congrats on the worst website of the year.",
                "I just love it when support hangs up on me.",
                "Ah yes, exactly how I wanted to spend my Saturday: queueing at the bank.",
                "Well done, you managed to deliver an empty box.",
                "Sure, ship it broken, nobody will notice.",
                "Thank you so much for cancelling my flight without telling me.",
                "Excellent, the screen froze in the middle of my presentation.",
                "How lovely, mould in my yoghurt.",
                "If you enjoy being ignored, this is the company for you.",
                "10/10 would get food poisoning here again.",
                "Clearly the customer is king, that's why you hung up on me three times.",
            ),
        ),
        *moves(
            "sarcasm",
            "negative",
            (
                ("Great job.", "Great job losing all my data."),
                ("Thanks for the help.", "Thanks for nothing."),
                ("What a wonderful day.", "What a wonderful day to have my wallet stolen."),
                ("I love this app.", "I love how this app eats my battery in an hour."),
            ),
            by=0.1,
        ),
    ]


def _emoji() -> list[Case]:
    angry, glad = ("😡", "🤬", "👎", "😠", "🤮"), ("😍", "🥰", "🎉", "❤️", "😊")
    pairs = list(zip(_FACTS, angry, glad, strict=True))
    return [
        *moves("emoji", "negative", [(fact, f"{fact} {sad}") for fact, sad, _ in pairs], by=0.1),
        *moves("emoji", "positive", [(fact, f"{fact} {joy}") for fact, _, joy in pairs], by=0.1),
        *minimum("emoji", "-", ("😡😡😡", "🤬", "👎👎", "💔😭", "🤢🤮")),
        *minimum("emoji", "+", ("😍😍😍", "❤️", "👍👍", "🥰🎉", "👏👏👏")),
        *minimum(
            "emoji",
            "-",
            (
                "Great, delayed again 🙄",
                "Love this 🤮",
                "Thanks a lot 😡😡",
                "Best airline ever 🤡🤡",
                "Such helpful staff 🙃👎",
            ),
        ),
        *minimum(
            "emoji",
            "+",
            (
                "I'm dying 😂😂 this ad is hilarious",
                "This song 😭😭😭 so beautiful",
                "that goal was sick 🔥🔥🔥",
                "You killed it last night 🔥👏",
                "I hate how much I love this show 😍",
            ),
        ),
        *same(
            "emoji",
            (
                ("The service was terrible.", "The service was terrible. 😡"),
                ("I love my new bike!", "I love my new bike! 😍"),
                ("The office is on the 3rd floor.", "The office is on the 3rd floor 🏢"),
                ("The bus leaves at noon.", "🚌 The bus leaves at noon."),
            ),
            move=2 * MOVE,
        ),
    ]


def _hashtags() -> list[Case]:
    return [
        *minimum(
            "hashtags",
            "-",
            (
                "Two hours in the queue #worstever",
                "Still no refund. #scam #neveragain",
                "My order never came #fail",
                "Your update #sucks",
                "Day three without internet #ridiculous #badservice",
                "#boycott them, all of them",
                "#WorstAirlineEver",
                "#disappointed",
                "So this is how you treat people #shameonyou",
                "And the heating is broken again #fedup",
            ),
        ),
        *minimum(
            "hashtags",
            "+",
            (
                "Morning run along the river #love #blessed",
                "New phone day! #happy",
                "Concert tonight #soexcited",
                "Dinner with the team #grateful #bestjobever",
                "#bestdayever",
                "#ilovemyjob",
                "Back on the slopes #loveit",
                "They fixed it within an hour #greatservice",
                "Our new kitchen #obsessed",
                "#thankful for this crew",
            ),
        ),
        *minimum(
            "hashtags",
            "0",
            (
                "The session is at 10 in hall B #conference2024",
                "Photos from today's meeting: #townhall",
                "New blog post on tax forms #accounting",
            ),
        ),
        *moves(
            "hashtags",
            "negative",
            (
                ("Waiting for the 8:15 train", "Waiting for the 8:15 train #trainfail"),
                ("On the phone with my bank", "On the phone with my bank #nightmare"),
                ("Great work by the council", "Great work by the council #not"),
            ),
            by=0.1,
        ),
    ]


def _code_switching() -> list[Case]:
    return [
        *minimum(
            "code-switching",
            "-",
            (
                "Esta app es terrible, it crashes every time I open it",
                "The food was awful, qué asco",
                "Le service est nul, never coming back",
                "Ugh das ist so schlecht, what a waste of money",
                "this phone 太差了, it broke after a week",
                "kya bakwas service hai yaar, worst experience ever",
                "Que vergüenza de empresa, they lied to me",
                "The hotel was sucio and the staff very rude",
                "Totale Katastrophe, my luggage is gone again",
                "il servizio clienti is a joke, three hours waiting",
            ),
        ),
        *minimum(
            "code-switching",
            "+",
            (
                "Me encanta this song, so good!",
                "C'est magnifique, best view in the whole city",
                "Das war super, thank you so much!",
                "this restaurant 太好吃了, love it",
                "bohot accha service, thank you so much guys",
                "Muchas gracias to the crew, you were amazing",
                "The pasta was buonissima, we'll be back",
                "Obrigado for the quick help, great support",
                "Mega geil, I love this festival",
                "¡Qué bonito! loving our hotel so far",
            ),
        ),
        *minimum(
            "code-switching",
            "0",
            (
                "The reunión is on Monday at 10",
                "We meet at the Hauptbahnhof at noon",
                "The next train to Gare de Lyon leaves at 18:05, voie 4",
            ),
        ),
    ]
