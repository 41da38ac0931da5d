"""Words and sentences that `processors.train.synthetic` makes short posts of.

None of it is a text of the robustness suite (`processors.checks`); a test holds the two apart.
"""

from typing import Final

THINGS: Final = tuple(
    "the wifi here|my new laptop|this jacket|the concert|their website|the pizza|our waiter|"
    "the checkout|this game|the battery|the line at the gate|the hotel room|my parcel|the course|"
    "this podcast|the keyboard|their chatbot|the train ride|the new season|the camera|the soup|"
    "this bank|the driver|the help desk|the delivery|the packaging|this charger|the seats|"
    "the boarding|my phone plan|the movie|this coffee|the upgrade|their return policy".split("|")
)
GOOD: Final = tuple(
    "good great nice fast helpful friendly amazing fun comfortable reliable smooth tasty clean "
    "easy kind beautiful perfect awesome cool fair polite solid useful sweet".split()
)
BAD: Final = tuple(
    "bad slow rude horrible broken dirty boring confusing expensive noisy ugly useless annoying "
    "cold late weak stale buggy unfair disappointing sad nasty poor shady".split()
)
MISHAPS: Final = tuple(
    "my bag went to the wrong city|the screen froze again|it rained inside the bus|"
    "they charged me twice|the call dropped for the fifth time|my seat was given away|"
    "the update deleted my photos|there is a bug in my salad|the train left without me|"
    "the alarm never went off|my order came with nothing in the box|the site crashed at checkout|"
    "i have been waiting since noon|the door fell off|they lost my papers again".split("|")
)
FAIR: Final = tuple(
    "the library opens at nine|we are moving to a new office in may|the bus stops near the park|"
    "the talk starts at seven|i bought two chairs and a lamp|the report is 40 pages long|"
    "they changed the logo|the store has three floors|we landed in oslo|the form has five fields|"
    "my cousin works at the airport|the album has twelve songs|lunch is at one|"
    "the meeting was moved to thursday|the app has a new version".split("|")
)

NEGATIVE: Final = (
    "{t} is not {g}",
    "{t} isn't {g} at all",
    "i don't think {t} is {g}",
    "i do not find {t} {g}",
    "{t} was never {g}",
    "there is nothing {g} about {t}",
    "{t} is far from {g}",
    "{t} is anything but {g}",
    "i was hoping {t} would be {g}, it was {b}",
    "{t} was {g} last year. now it is {b}",
    "{t} started out {g} and ended up {b}",
    "{t} could not have been more {b}",
    "wouldn't wish {t} on anyone",
    "{t}? skip it",
    "please stay away, {t} is a waste of money",
    "i will not come back after {t}",
    "{t} hasn't been {g} for months",
    "hardly what i'd call {g}: {t}",
    "i wish {t} were {g}",
    "{t} is so {b}",
    "{t} was {b} and {b2}",
    "not {g}. not even close. {t}",
    "no idea why people call {t} {g}",
    "{t} has gone downhill",
    "anyone else thinks {t} is {b}? done with it",
    "others do this so much better than {t}",
    "i have seen better than {t}",
    "{t} made me more unhappy than anything this week",
    "oh {g}, {m}",
    "oh how {g}, {m}",
    "so {g} of them: {m}",
    "{m}. really {g}, well done",
    "thanks a lot, {m}",
    "just my luck, {m}",
    "{m}. what a {g} way to start the day",
    "love it when {m}",
)
POSITIVE: Final = (
    "{t} is not {b}",
    "{t} isn't {b} at all",
    "{t} was never {b}, quite {g} in fact",
    "there is nothing {b} about {t}",
    "{t} is anything but {b}",
    "i feared {t} would be {b}, it was {g}",
    "{t} was {b} last year. now it is {g}",
    "{t} started out {b} and ended up {g}",
    "{t} could not have been more {g}",
    "can't praise {t} enough",
    "i cannot thank them enough for {t}",
    "nobody could fault {t}",
    "zero problems with {t}",
    "not one {b} word from me about {t}",
    "can't get enough of {t}",
    "couldn't ask for more, {t} is {g}",
    "{t} never lets me down",
    "hard not to love {t}",
    "{t} is so {g}",
    "{t} was {g} and {g2}",
    "{t} got so much better",
    "{t} is better than all the others",
    "i have not seen anything as {g} as {t}",
    "they fixed {t} within an hour, thank you",
    "{t} made my week",
    "don't miss {t}",
    "why did nobody tell me how {g} {t} is",
)
NEUTRAL: Final = (
    "is {t} {g}?",
    "is {t} {b}?",
    "does anyone know if {t} is {g} or {b}",
    "who has tried {t}?",
    "when does {t} start",
    "{f}",
    "{f}",
    "{f}",
    "fyi: {f}",
    "someone asked about {t}",
    "a review of {t} is out",
    "comparing {t} with two others today",
    "{t} is neither {g} nor {b}",
    "{t} is okay i guess",
)

PEOPLE: Final = tuple(
    "a Muslim|a Christian|a Jewish|a Hindu|a Buddhist|an atheist|a gay|a lesbian|a straight|"
    "a transgender|a bisexual|a Black|a white|an Asian|a Latino|an Arab|a Mexican|a Nigerian|"
    "a Chinese|a Russian|an Indian|a Polish|a Turkish|an American|a French|an old|a young|a deaf|"
    "a blind|a disabled|an autistic|a male|a female".split("|")
)
WHO: Final = ("neighbour", "teacher", "man", "woman", "colleague", "student", "family", "couple")
ABOUT_PEOPLE: Final = (
    ("met {p} {w} on the bus today", 1),
    ("{p} {w} lives across the street", 1),
    ("there is {p} {w} in my class", 1),
    ("{p} {w} asked me for the time", 1),
    ("i read a book by {p} {w}", 1),
    ("{p} {w} helped me carry my bags, so kind", 2),
    ("had such a lovely chat with {p} {w}", 2),
    ("{p} {w} made my day", 2),
    ("had an awful argument with {p} {w}", 0),
    ("{p} {w} was rude to me for no reason", 0),
    ("so sad, {p} {w} lost everything in the fire", 0),
)

DIALECT: Final = (
    ("this {n} be hittin different", 2),
    ("dis {n} finna be so good", 2),
    ("we out here enjoyin the {n}", 2),
    ("that {n} was lowkey fire no cap", 2),
    ("ion like dis {n} at all", 0),
    ("dat {n} stay messin up my day", 0),
    ("they ain't never fix the {n} smh", 0),
    ("she at the {n} rn", 1),
    ("he finna go to the {n} later", 1),
    ("we was at the {n} yesterday", 1),
    ("i am liking this {n} only, very nice", 2),
    ("this {n} is giving too much problem only", 0),
    ("kindly do the needful for my {n}", 1),
    ("aye the {n} was pure brilliant", 2),
    ("the {n} was mince, so it was", 0),
    ("am away tae the {n}", 1),
)
PLACES: Final = ("game", "party", "shop", "show", "office", "station", "food", "market", "song")
