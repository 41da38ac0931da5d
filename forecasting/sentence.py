"""What happened and why, in one sentence: each part of the evidence only where it says much."""

from datetime import UTC, tzinfo
from typing import Final

from forecasting.evidence import Cluster, Evidence, Term
from forecasting.phrases import NAME, WORDINGS, Language, expected, line, percent, reason, time_of
from forecasting.records import IncidentEvent
from forecasting.wording import Wording, some

MOSTLY: Final = 0.5
AUTOMATED: Final = 0.1  # of the posts: machines that are worth naming


def sentence(event: IncidentEvent, language: Language, zone: tzinfo = UTC) -> str:
    """One plain sentence. Times are in `zone`, which is not named."""
    words, change, found = WORDINGS[language], event.change, event.evidence
    mark = words.simulated_mark if event.simulated else ""
    begin = f"{mark}{line(change.brand, NAME)}{words.colon}"
    kind = words.kinds[change.kind]
    if change.change == "resolved":
        over = words.brief_over.format(
            what=kind.what["resolved"], length=words.length(change.at - change.since)
        )
        return f"{begin}{over}{words.stop}"
    brief = kind.brief.format(
        **expected(change, words),
        share=percent(change.share),
        before=percent(change.share_expected),
        since=time_of(change.since, change.at, zone),
    )
    if change.kind == "silence":
        n = found.elsewhere
        return begin + brief + (words.brief_elsewhere.format(n=n) if n else "") + words.stop
    rest = _about(found, words) + _who(found, words) + _where(found, words)
    return f"{begin}{brief}{rest}{words.stop}"


def _about(found: Evidence, words: Wording) -> str:
    match reason(found):
        case Term(text=text, share=share, share_before=before):
            return words.brief_term.format(
                term=line(text, NAME), share=percent(share), before=percent(before)
            )
        case Cluster(count=count):
            return words.brief_text.format(share=percent(count / found.posts))
        case None:
            return words.brief_nothing if found.posts else ""


def _who(found: Evidence, words: Wording) -> str:
    if not found.authors:
        return ""
    organic = found.organic_share
    form = words.brief_own if organic >= MOSTLY else words.brief_repeated
    who = form.format(**some(found.authors), organic=percent(organic))
    came = found.origin
    if came and came.automated >= max(AUTOMATED * came.posts, 1):
        who += words.brief_automated.format(share=percent(came.automated / came.posts))
    return who


def _where(found: Evidence, words: Wording) -> str:
    name = found.only_source
    return words.brief_only.format(name=line(name, NAME)) if name else ""
