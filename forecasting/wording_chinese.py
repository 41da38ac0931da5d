"""The words in Chinese."""

from datetime import timedelta

from forecasting.wording import KindWording, Wording, hours_and_minutes, short
from forecasting.wording_notice_chinese import NOTICE_CHINESE


def _count(n: int) -> str:
    for size, unit in ((100_000_000, "亿"), (10_000, "万")):
        if n >= 0.9995 * size:
            return f"{short(n / size)} {unit}"
    return f"{n} "


def _length(length: timedelta) -> str:
    hours, minutes = hours_and_minutes(length)
    return (f" {hours} 小时" if hours else "") + (
        f" {minutes} 分钟" if minutes or not hours else ""
    )


_GOING = {True: ",仍在上升。", False: ",已不再上升。"}
_NEGATIVE = "过去 1 小时负面 {n} 条,正常约 {expected} 条({lower}-{upper})。"
_ALL = "过去 1 小时共 {n} 条,正常约 {expected} 条({lower}-{upper})。"
_CALM = "最近 1 小时 {n} 条,正常约 {expected} 条({lower}-{upper})。"
_EXPIRED = "24 小时内未回落:此后以当前水平为正常。"

CHINESE = Wording(
    kinds={
        "negative_surge": KindWording(
            what={"opened": "负面激增", "updated": "负面继续扩大", "resolved": "负面已平息"},
            observed=_NEGATIVE,
            total="累计负面 {total} 条,最高 1 小时 {peak} 条。",
            calm=_CALM,
            expired=_EXPIRED,
            going=_GOING,
            brief="自 {since} 起负面激增,过去 1 小时 {n} 条,正常约 {expected} 条({lower}-{upper})",
        ),
        "mood_shift": KindWording(
            what={
                "opened": "口碑转差",
                "updated": "口碑继续转差",
                "resolved": "口碑已恢复",
            },
            observed=_NEGATIVE,
            total="累计负面 {total} 条,最高 1 小时 {peak} 条。",
            calm=_CALM,
            expired=_EXPIRED,
            going=_GOING,
            brief="自 {since} 起口碑转差,过去 1 小时负面占比 {share},平时 {before}",
        ),
        "volume_surge": KindWording(
            what={
                "opened": "讨论量激增",
                "updated": "讨论量继续上升",
                "resolved": "讨论量已回落",
            },
            observed=_ALL,
            total="最高 1 小时 {peak} 条。",
            calm=_CALM,
            expired=_EXPIRED,
            going=_GOING,
            brief="自 {since} 起讨论量激增,过去 1 小时 {n} 条,正常约 {expected} 条"
            "({lower}-{upper})",
        ),
        "silence": KindWording(
            what={"opened": "声量骤降", "updated": "声量持续偏低", "resolved": "声量已恢复"},
            observed="过去 {window}共 {n} 条,正常约 {expected} 条(至少 {lower} 条)。",
            total="",
            calm="",
            expired="24 小时内未恢复:此后以当前水平为正常。",
            going={True: "。", False: "。"},
            brief="自 {since} 起声量骤降,过去 {window}仅 {n} 条,正常约 {expected} 条"
            "(至少 {lower} 条)",
        ),
    },
    severity="严重度 {}/10",
    worst="最高严重度 {}/10",
    simulated_mark="【模拟】",
    simulated="模拟数据:并非当前真实发布的内容,无需处置。",
    window="按过去 {window}判断。",
    share="负面占比 {share},平时 {before}。",
    true_share={
        "corrected": "据 {labels} 条人工标注,真实占比约 {share}({lower}-{upper})。",
        "mean_probability": "真实占比可能在 {lower}-{upper} 之间,人工标注尚少,无法更精确。",
    },
    since="始于 {since}({zone})",
    returns="按目前回落速度,约 {time} 恢复正常。",
    lasted="持续{length},{since} 至 {at}({zone})。",
    term='其中 {share} 提到"{term}"(此前 {before})',
    text="其中 {share} 为同一段文字",
    nothing="没有特别集中的话题。",
    first=",最早 {time}({author})",
    also="另有{terms}。",
    authors="{n} 个独立作者,转发或雷同 {reposts},自发程度 {organic}。",
    pieces="{n} 条",
    syndicated="{share} 为多平台或多账号发布的同一稿件。",
    suspected="{n} 个账号疑似自动发帖,共 {posts} 条({grounds})。",
    grounds={
        "rate": "单个账号每小时最多 {most} 条",
        "sleepless": "此前 24 小时中有 {most} 个小时在发帖",
        "reuse": "单个账号同文最多 {most} 次",
        "synchrony": "{most} 个账号在 {seconds} 秒内发同一段文字",
    },
    loudest="影响最大:{authors}。",
    sources="来源:{parts}。",
    languages="语言:{parts}。",
    part="{name} {n}(此前 {usual})",
    part_new="{name} {n}(此前没有)",
    only="只在 {parts} 上增多。",
    linked="与 {brand} 的事件是同一件事({by})。",
    shared={"texts": "{n} 段相同文字", "first_post": "最早的帖子相同", "words": "用词相同"},
    elsewhere="同期其他品牌共 {n} 条。",
    feeds="数据源:{feeds}。",
    feed="{name} {state},数据完整至 {time}",
    states={"running": "运行中", "finished": "已结束"},
    erased="已删除",
    reach="{name},{n}粉丝",
    quote='"{text}"',
    unnamed="匿名作者",
    pseudonym="作者 {short}",
    brief_term=',其中 {share} 在说"{term}"(此前 {before})',
    brief_text=",其中 {share} 是同一段文字",
    brief_nothing=",没有特别集中的话题",
    brief_own=",来自 {n} 个作者,大多是自己的话",
    brief_repeated=",来自 {n} 个作者,大多是转发或雷同,自发的只占 {organic}",
    brief_automated=",{share} 来自疑似自动发帖的账号",
    brief_only=",增量都在 {name} 上",
    brief_elsewhere=",同期其他品牌有 {n} 条",
    brief_over="{what},持续{length}",
    stop="。",
    comma="、",
    listed=",",
    colon=":",
    between="",
    count=_count,
    length=_length,
    span=_length,
    notice=NOTICE_CHINESE,
)
