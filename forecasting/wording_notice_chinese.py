"""The words of delivery in Chinese."""

from forecasting.wording_notice import NoticeWording

_NEGATIVE = "每小时负面由 {before} 条变为 {now} 条"
_ALL = "每小时声量由 {before} 条变为 {now} 条"

NOTICE_CHINESE = NoticeWording(
    unacknowledged="已过{length},仍无人认领。",
    acknowledged="{by} 已认领。",
    seen="已有人认领。",
    repeated="已持续{length},尚未平息。",
    changed="较上一条消息({time}):{changes}。",
    unchanged="与上一条消息({time})相比没有变化。",
    severity="严重度由 {before} 变为 {now}",
    observed={
        "negative_surge": _NEGATIVE,
        "mood_shift": _NEGATIVE,
        "volume_surge": _ALL,
        "silence": "声量由 {before} 条变为 {now} 条",
    },
    share="负面占比由 {before} 变为 {now}",
    open="{n} 起事件进行中",
    over="{n} 起已结束",
    all_over="{n} 起事件已结束",
    worst="最严重的是{brand}(严重度 {severity}/10)",
    more="另有 {n} 起见其他消息。",
    test_mark="【测试】",
    test="这是一条测试消息:没有发生任何事件,无需处置。",
    example="例 {n}",
    open_incident="查看事件",
    acknowledge="认领",
    not_a_crisis="不是危机",
    silence="静默",
)
