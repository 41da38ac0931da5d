"""English cases of form: the same thing said badly spelled, disguised, or dressed otherwise."""

from processors.checks.case import MOVE, Case, minimum, moves, same

_A, _C, _E, _I, _O, _P = "\u0430\u0441\u0435\u0456\u043e\u0440"  # Cyrillic
_WIDE = str.maketrans({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
_BOLD = str.maketrans({ord("a") + at: 0x1D41A + at for at in range(26)})
_PLAIN = (
    "The flight was great and the crew was lovely",
    "The flight was awful and the crew was rude",
    "The flight leaves at nine from gate four",
)


def cases() -> list[Case]:
    """Return the cases of this module."""
    return [
        *_elongation(),
        *_typos(),
        *_censored(),
        *_look_alikes(),
        *_spacing(),
        *_form(),
    ]


def _elongation() -> list[Case]:
    return [
        *minimum(
            "elongation",
            "+",
            (
                "this is soooo goooood",
                "I looooove it",
                "yesssss finally!!!",
                "that was amaaaazing",
                "thank youuuuu so much",
                "best. day. everrrr",
                "so happyyyyy right now",
                "cooooool",
            ),
        ),
        *minimum(
            "elongation",
            "-",
            (
                "this is soooo baaaad",
                "I haaaate it",
                "nooooo my flight is cancelled",
                "that was horrrrrible",
                "whyyyyy is it broken againnnn",
                "worst. day. everrrr",
                "ughhhhh",
                "so annoyinggggg",
            ),
        ),
        *same(
            "elongation",
            (
                ("It was so boring", "It was sooooo boring"),
                ("I am so tired of this company", "I am sooooo tired of this company"),
                ("wow this cake is delicious", "wooooow this cake is delicioussss"),
                ("I really love it", "I reallyyyyy looove it"),
            ),
            move=2 * MOVE,
        ),
        *moves(
            "elongation",
            "negative",
            (("This is bad", "This is baaaaaad"), ("Ugh, Mondays", "Ughhhhh, Mondays")),
            by=-MOVE,
        ),
        *moves(
            "elongation",
            "positive",
            (("So good", "Sooooo good"), ("I love this", "I loooove this")),
            by=-MOVE,
        ),
    ]


def _typos() -> list[Case]:
    return [
        *minimum(
            "typos",
            "-",
            (
                "absolutley terible service",
                "the food was disgustng",
                "im so dissapointed in you",
                "worts company ever",
                "this is unaceptable",
                "such an anoying app",
                "horible staff, nver again",
                "compltely usless",
                "i haet this place",
                "what a wsate of money",
            ),
        ),
        *minimum(
            "typos",
            "+",
            (
                "absolutley amzing service",
                "the food was delicous",
                "im so hapy with it",
                "bset company ever",
                "this is exellent",
                "such a beutiful hotel",
                "freindly staff, will com again",
                "thnak you so much",
                "i lvoe this place",
                "realy enjoied it",
            ),
        ),
        *same(
            "typos",
            (
                ("The app is terrible", "The app is terribel"),
                ("I love this restaurant", "I love this restuarant"),
                ("Disgusting behaviour from the driver", "Disgustin behavior from teh driver"),
                ("Thanks for the quick response", "Thnaks for the quick respones"),
                ("The museum is closed on Monday", "The musuem is closd on Monday"),
            ),
            move=2 * MOVE,
        ),
    ]


def _censored() -> list[Case]:
    return [
        *minimum(
            "censored",
            "-",
            (
                "this airline is sh*t",
                "what a load of cr@p",
                "f**k this company",
                "f*ck off with your fees",
                "go to h*ll",
                "such a sh!tty app",
                "this is bullsh*t",
                "absolute cr*p service",
                "pathetic a**holes",
                "so f***ing angry right now",
                "complete s**t show",
                "you su*k",
                "what the f*** is wrong with your drivers",
                "d@mn you, my order is late again",
            ),
        ),
        *minimum(
            "censored",
            "+",
            (
                "this is f**king amazing",
                "d*mn that was good",
                "holy sh*t I love this album",
                "bad@ss performance, loved it",
            ),
        ),
        *same(
            "censored",
            (
                ("this airline is shit", "this airline is sh1t"),
                ("what a stupid idea", "what a st*pid idea"),
                ("I hate you", "I h8 you"),
                ("the new update sucks", "the new update s*cks"),
            ),
            move=2 * MOVE,
        ),
    ]


def _look_alikes() -> list[Case]:
    return [
        *same(
            "look-alikes",
            (
                ("The service was awful", f"The service was {_A}wful"),
                ("The service was terrible", f"The service was t{_E}rribl{_E}"),
                ("This is horrible", f"This is h{_O}rr{_I}bl{_E}"),
                ("They are a scam", f"They are a s{_C}am"),
                ("Pathetic company", f"P{_A}th{_E}tic c{_O}m{_P}any"),
                ("I love this place", f"I l{_O}v{_E} this pl{_A}ce"),
                ("Amazing work", f"Am{_A}zing w{_O}rk"),
                ("Such a rip-off", f"Such a rip-{_O}ff"),
                ("The food was disgusting", "The food was " + "disgusting".translate(_WIDE)),
                ("BOYCOTT THEM", "BOYCOTT THEM".translate(_WIDE)),
                ("I love it", "I love it".translate(_WIDE)),
                ("this is garbage", "this is " + "garbage".translate(_BOLD)),
                ("the worst hotel", "the " + "worst".translate(_BOLD) + " hotel"),
                ("Total garbage", "Total gar\u200bbage"),
                ("They are liars", "They are li\u00adars"),
                ("The worst airline", "The w\u03bfrst \u0430irline"),
                ("Terrible idea", "T\u00ebrr\u00efbl\u00eb id\u00eb\u00e4"),
                ("I am furious", "I am fur\u0456ous"),
                ("What a joke of a company", "What a j\u03bfke of a c\u03bfmpany"),
                ("The concert is on Friday", f"The c{_O}nc{_E}rt is on Frid{_A}y"),
            ),
        ),
    ]


def _spacing() -> list[Case]:
    return [
        *same(
            "spacing",
            (
                ("this is terrible", "this is t e r r i b l e"),
                ("this is amazing", "this is a m a z i n g"),
                ("such a scam", "such a s c a m"),
                ("I hate this bank", "I h a t e this bank"),
                ("the food was awful", "the food was a w f u l"),
                ("worst hotel ever", "w o r s t hotel ever"),
                ("this is not good", "this is notgood"),
                ("so bad it hurts", "sobad it hurts"),
                ("I love it here", "I loveit here"),
                ("what a disgrace", "what a dis grace"),
                ("really disappointed", "really dis appointed"),
                ("this is garbage", "this is g.a.r.b.a.g.e"),
                ("thank you very much", "thankyou verymuch"),
                ("never again", "neveragain"),
            ),
            move=2 * MOVE,
        ),
        *same(
            "spacing",
            (
                ("this app is useless, fix it", "this   app is\n\nuseless ,fix it"),
                ("great food and great people", "great food\tand  great people"),
                ("great crew. great food.", "great crew.great food."),
                ("awful staff, awful food", "awful staff,awful food"),
            ),
        ),
        *minimum(
            "spacing",
            "-",
            (
                "sobad",
                "the screen is broken.nobody helps.I want a refund",
                "t r a s h",
                "w o r s t   e v e r",
            ),
        ),
    ]


def _form() -> list[Case]:
    great, awful, fact = _PLAIN
    dressed = []
    for text in _PLAIN:
        dressed += [
            (text, f"{text} https://t.co/a1B2c3D4e5"),
            (text, f"@acme {text}"),
            (text, f"{text} @acme @example_air"),
            (text, f"RT @anna: {text}"),
            (text, text.lower()),
            (text, f"{text}."),
            (text, f'"{text}"'),
        ]
    return [
        *same("form", dressed),
        *same(
            "form",
            (
                (great, great.upper()),
                (awful, awful.upper()),
                (fact, fact.replace("The", "the") + " \u2026"),
            ),
            move=2 * MOVE,
        ),
        *same(
            "form",
            (
                (awful.replace("and", "&"), awful.replace("and", "&amp;")),
                ("I don't like it", "I don\u2019t like it"),
                ("I don't like this", "i dont like this"),
            ),
        ),
        *moves("form", "negative", ((f"{awful}", f"{awful}!!!"),), by=-MOVE),
        *moves("form", "positive", ((f"{great}", f"{great}!!!"),), by=-MOVE),
    ]
