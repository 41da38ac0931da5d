"""English cases of what words mean together: vocabulary, negation, degree, time, facts."""

from processors.checks.attacks import toggle_not
from processors.checks.case import SLACK, Case, minimum, moves

_GOOD = (
    "excellent",
    "wonderful",
    "fantastic",
    "superb",
    "lovely",
    "delightful",
    "impressive",
    "outstanding",
    "brilliant",
    "top-notch",
)
_BAD = (
    "terrible",
    "awful",
    "dreadful",
    "disgusting",
    "appalling",
    "atrocious",
    "pathetic",
    "unacceptable",
    "infuriating",
    "lousy",
)
_THINGS = (
    "The food was {}.",
    "Their new app is {}!",
    "Customer service was {} today.",
    "This update is {}.",
    "My stay at the hotel was {}.",
)


def cases() -> list[Case]:
    """Return the cases of this module."""
    return [*_vocabulary(), *_negation(), *_intensity(), *_time(), *_comparison(), *_facts()]


def _vocabulary() -> list[Case]:
    return [
        *minimum("vocabulary", "+", _say(_GOOD)),
        *minimum("vocabulary", "-", _say(_BAD)),
        *minimum(
            "vocabulary",
            "+",
            (
                "The staff went above and beyond for us.",
                "This thing is a lifesaver.",
                "Worth every penny.",
                "Five stars from me.",
                "Hats off to the team behind this.",
                "Absolutely smitten with my new headphones.",
            ),
        ),
        *minimum(
            "vocabulary",
            "-",
            (
                "What a rip-off.",
                "It fell apart after two days.",
                "I want my money back.",
                "They left us stranded for nine hours.",
                "The screen cracked the first time I used it.",
                "Total letdown.",
            ),
        ),
    ]


def _say(words: tuple[str, ...]) -> list[str]:
    return [_THINGS[at % len(_THINGS)].format(word) for at, word in enumerate(words)]


def _turned(words: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(text, toggle_not(text)) for text in _say(words) if toggle_not(text) != text]


def _negation() -> list[Case]:
    return [
        *moves("negation", "less positive", _turned(_GOOD), by=0.1),
        *moves("negation", "less negative", _turned(_BAD), by=0.1),
        *minimum(
            "negation",
            "+0",
            (
                "Not bad at all.",
                "The sequel isn't bad.",
                "No complaints so far.",
                "The queue wasn't as long as I feared.",
                "It's not the end of the world, the app works again.",
            ),
        ),
        *minimum(
            "negation",
            "+",
            (
                "I can't recommend it enough!",
                "Couldn't be happier with my purchase.",
                "There is nothing to complain about, everything was perfect.",
                "I have never had a better meal.",
                "You can't go wrong with this laptop, I love mine.",
                "Never fails to make me smile.",
                "I couldn't ask for a better team.",
                "There's nothing I don't love about this place.",
                "Nothing beats their coffee.",
                "It doesn't get better than this!",
                "I can't stop listening to this album, so good.",
                "I don't know what I would do without this app.",
            ),
        ),
        *minimum(
            "negation",
            "-",
            (
                "The food was not good.",
                "I don't like the new design at all.",
                "This is not what I paid for.",
                "I would not recommend this to anyone.",
                "Nobody at the desk was helpful.",
                "It never works when I need it.",
                "I wouldn't wish this airline on my worst enemy.",
                "There was nothing good about that show.",
                "Not worth the money.",
                "I couldn't be more disappointed.",
                "They didn't even bother to say sorry.",
                "I don't think this phone is any good.",
                "Neither the food nor the service was decent.",
                "I can't say I enjoyed any of it.",
                "Don't waste your time on this film.",
            ),
        ),
        *moves(
            "negation",
            "less positive",
            (
                ("The crew was friendly.", "The crew was not friendly."),
                ("I am happy with the result.", "I am not happy with the result."),
                ("I trust this company.", "I don't trust this company."),
                ("It is a good idea.", "It is hardly a good idea."),
                ("They were helpful.", "They were anything but helpful."),
            ),
            by=0.1,
        ),
        *moves(
            "negation",
            "less negative",
            (
                ("The crew was rude.", "The crew was not rude."),
                ("I am angry about the delay.", "I am not angry about the delay."),
                ("The test was a failure.", "The test was by no means a failure."),
                ("I regret buying it.", "I don't regret buying it."),
                ("The noise bothers me.", "The noise doesn't bother me."),
            ),
            by=0.1,
        ),
    ]


def _intensity() -> list[Case]:
    words = ("really", "so", "extremely", "incredibly", "absolutely")
    return [
        *moves(
            "intensity",
            "negative",
            [
                ("The battery life is bad.", f"The battery life is {word} bad.")
                for word in words[:4]
            ],
            by=-SLACK,
        ),
        *moves(
            "intensity",
            "positive",
            [
                ("The battery life is good.", f"The battery life is {word} good.")
                for word in words[:4]
            ],
            by=-SLACK,
        ),
        *moves(
            "intensity",
            "positive",
            [
                ("I love this place", f"I {word} love this place")
                for word in (words[0], words[1], words[4])
            ],
            by=-SLACK,
        ),
        *moves(
            "intensity",
            "negative",
            [
                ("I hate waiting here", f"I {word} hate waiting here")
                for word in (words[0], words[1], words[4])
            ],
            by=-SLACK,
        ),
        *moves(
            "intensity",
            "negative",
            (
                ("That was rude.", "That was rude!!!"),
                ("I'm disappointed.", "I'm deeply disappointed."),
                ("This is a mess.", "This is a complete and utter mess."),
                ("I'm fed up with this bank", "I'm SO fed up with this bank"),
            ),
            by=-SLACK,
        ),
        *moves(
            "intensity",
            "positive",
            (
                ("That was kind.", "That was kind!!!"),
                ("I'm impressed.", "I'm beyond impressed."),
                ("Great match", "GREAT match"),
                ("A pleasant evening.", "A most pleasant evening."),
            ),
            by=-SLACK,
        ),
        *moves(
            "intensity",
            "less negative",
            (
                ("The room was dirty.", "The room was a little bit dirty."),
                ("The update is terrible.", "The update is slightly annoying."),
                ("It's a huge problem.", "It's a minor problem."),
            ),
            by=-SLACK,
        ),
        *moves(
            "intensity",
            "less positive",
            (
                ("The film was amazing.", "The film was sort of okay."),
                ("I'm very happy with it.", "I'm more or less happy with it."),
                ("It works perfectly.", "It works, most of the time."),
            ),
            by=-SLACK,
        ),
    ]


def _time() -> list[Case]:
    return [
        *minimum(
            "time",
            "+",
            (
                "I used to hate their app, now it's great.",
                "Used to be a dump, now it's the best bar in town.",
                "I was sceptical at first but I love it now.",
                "Rough start, but they have become my favourite airline.",
                "The old version was awful; the new one is a joy to use.",
                "Last year they were terrible. This year, brilliant!",
                "It used to crash daily and now it just works, so happy.",
                "I didn't like the first season but this one is superb.",
            ),
        ),
        *minimum(
            "time",
            "-",
            (
                "I used to love this place, now it's awful.",
                "They used to be great, these days it's just garbage.",
                "It was good for a week, then it broke and nobody would help.",
                "Once my favourite brand, now I'm ashamed to wear it.",
                "Great at first, unbearable after the update.",
                "The old app was lovely; the new one is a nightmare.",
                "Last year they were brilliant. This year, terrible.",
                "We were happy customers for ten years, never again.",
            ),
        ),
        *moves(
            "time",
            "negative",
            (
                ("The service is great.", "The service used to be great."),
                ("This shop has good bread.", "This shop used to have good bread."),
            ),
            by=0.05,
        ),
        *moves(
            "time",
            "less negative",
            (
                ("The service is terrible.", "The service used to be terrible."),
                ("The app is full of bugs.", "The app used to be full of bugs."),
            ),
            by=0.05,
        ),
    ]


def _comparison() -> list[Case]:
    return [
        *minimum(
            "comparison",
            "+",
            (
                "So much better than my old phone!",
                "Way better than I expected.",
                "I wish I had switched to them years ago, far superior.",
                "This beats every other coffee I've had.",
                "Leaps and bounds ahead of the competition.",
                "Better than ever.",
                "No other bank has treated me this well.",
                "The best of the three, and it's not even close.",
            ),
        ),
        *minimum(
            "comparison",
            "-",
            (
                "So much worse than my old phone.",
                "Way worse than I expected.",
                "Their rivals do this far better, I'm switching.",
                "My cat could write better software than these clowns.",
                "I've had better sandwiches at a petrol station.",
                "Even the free version was better than this rubbish.",
                "The most expensive of the three and still the worst.",
                "Every other bank has treated me better than this one.",
            ),
        ),
        *moves(
            "comparison",
            "negative",
            (
                ("It is better than the last one.", "It is worse than the last one."),
                ("More reliable than my old car.", "Less reliable than my old car."),
                ("Nothing is better than this soup.", "Anything is better than this soup."),
                ("As good as people say.", "Not as good as people say."),
            ),
            by=0.1,
        ),
    ]


def _facts() -> list[Case]:
    return [
        *minimum(
            "facts",
            "0",
            (
                "What time does the store open on Sunday?",
                "Does anyone know when the tickets go on sale?",
                "Is the 5pm train to Leeds running today?",
                "Which of these two sizes did you order?",
                "How do I change the address on my account?",
                "Where is gate B12?",
                "The meeting has been moved to Thursday at 3 pm.",
                "The company has its head office in Rotterdam.",
                "The report has 48 pages and three appendices.",
                "Quarterly results will be published on 4 May.",
                "The new model comes in black, white and blue.",
                "He was born in 1961 and studied chemistry.",
                "The shop is next to the post office.",
                "The game starts at 7, doors open at 6.",
                "She works at the bank on Main Street.",
                "I took the bus to work this morning.",
                "Version 4.2 requires 2 GB of memory.",
                "The parcel weighs 3 kg.",
                "The panel takes place in room 204 tomorrow.",
                "They announced a press conference for Wednesday.",
                "Here is the link to the schedule:",
                "There are four flights a day to Oslo.",
                'The film "Terrible Angels" is on at nine.',
                "Bad Homburg is a town north of Frankfurt.",
                "Greatland Street is closed to cars on Sundays.",
            ),
        ),
    ]
