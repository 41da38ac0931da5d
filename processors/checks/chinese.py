"""Chinese cases, of the same capabilities as the English ones."""

from collections.abc import Iterable

from processors.checks import case
from processors.checks.case import MOVE, SLACK, Case

_BRANDS = ("苹果", "华为", "京东", "星巴克", "特斯拉")


def cases() -> list[Case]:
    """Return the cases of this module."""
    return [*_meaning(), *_tone(), *_form(), *_brands()]


def _minimum(capability: str, labels: str, texts: Iterable[str]) -> list[Case]:
    return case.minimum(capability, labels, texts, language="zh")


def _moves(
    capability: str, toward: case.Toward, pairs: Iterable[tuple[str, str]], by: float
) -> list[Case]:
    return case.moves(capability, toward, pairs, by=by, language="zh")


def _same(capability: str, pairs: Iterable[tuple[str, str]], move: float = MOVE) -> list[Case]:
    return case.same(capability, pairs, move=move, language="zh")


def _meaning() -> list[Case]:
    return [
        *_minimum(
            "vocabulary",
            "+",
            (
                "这家餐厅的菜真好吃。",
                "客服态度非常好，很耐心。",
                "今天太开心了!",
                "这部电影太精彩了。",
                "质量很好，物超所值。",
                "爱了爱了，必须回购!",
            ),
        ),
        *_minimum(
            "vocabulary",
            "-",
            (
                "这家餐厅的菜太难吃了。",
                "客服态度恶劣，气死我了。",
                "今天真倒霉，难过。",
                "这部电影烂透了。",
                "质量太差，用两天就坏了。",
                "垃圾产品，谁买谁后悔。",
            ),
        ),
        *_minimum(
            "negation",
            "-",
            (
                "这个酒店一点都不干净。",
                "我不喜欢这个新版本。",
                "服务不怎么样。",
                "完全不值这个价。",
                "再也不会买了。",
                "没有一个人愿意帮忙，太失望了。",
            ),
        ),
        *_minimum(
            "negation",
            "+",
            (
                "好得没话说。",
                "没有比这更好的了!",
                "我不得不说，真的很棒。",
                "挑不出任何毛病，非常满意。",
            ),
        ),
        *_minimum("negation", "+0", ("味道还不错。", "没有想象中那么糟。")),
        *_moves(
            "negation",
            "less positive",
            (("我很满意。", "我很不满意。"), ("他们很热情。", "他们并不热情。")),
            0.1,
        ),
        *_moves(
            "intensity",
            "negative",
            (("味道很差。", "味道差到极点。"), ("我很生气。", "我非常非常生气!!!")),
            -SLACK,
        ),
        *_moves(
            "intensity",
            "positive",
            (("我喜欢这里。", "我超级喜欢这里!"), ("很好看。", "真的太好看了!")),
            -SLACK,
        ),
        *_minimum(
            "time", "+", ("以前觉得很难用，现在越来越好用了，赞!", "刚开始不喜欢，现在爱上了。")
        ),
        *_minimum(
            "time", "-", ("以前很好吃，现在越来越难吃了。", "用了十年的老品牌，如今让人寒心。")
        ),
        *_minimum("comparison", "-", ("比上一代差远了，后悔换机。", "还不如隔壁那家，白花钱。")),
        *_minimum("comparison", "+", ("比上一代好用太多了!", "比我预想的好太多，惊喜。")),
        *_minimum(
            "facts",
            "0",
            (
                "会议改到周四下午三点。",
                "请问地铁几点停运?",
                "公司总部位于深圳。",
                "新款有黑、白、蓝三种颜色。",
                "发布会将于5月4日举行。",
                "我今天坐公交车上班。",
            ),
        ),
    ]


def _tone() -> list[Case]:
    return [
        *_minimum(
            "sarcasm",
            "-",
            (
                "呵呵，又取消航班，你们可真行。",
                "排队三小时，服务真是\u201c好\u201d啊。",
                "真厉害，新手机用一天就黑屏了。",
                "感谢你们弄丢我的行李，太贴心了，呵呵。",
            ),
        ),
        *_moves(
            "emoji", "negative", (("快递到了", "快递到了😡"), ("他们回复了", "他们回复了🤮")), 0.1
        ),
        *_moves(
            "emoji",
            "positive",
            (("快递到了", "快递到了😍"), ("周末去了公园", "周末去了公园🥰")),
            0.1,
        ),
        *_minimum("hashtags", "-", ("#垃圾客服# 等了一天没人理", "#避雷# 千万别来这家店")),
        *_minimum("hashtags", "+", ("#幸福# 和家人一起吃饭", "#太好吃了# 周末聚餐")),
        *_minimum(
            "code-switching",
            "-",
            ("这个app太垃圾了，天天crash", "service真的很差，so disappointed"),
        ),
        *_minimum("code-switching", "+", ("这个brand我超love的", "今天的show太amazing了，开心")),
    ]


def _form() -> list[Case]:
    return [
        *_minimum("elongation", "+", ("好好好好好好好吃啊啊啊啊", "太太太太可爱了!!!")),
        *_minimum("elongation", "-", ("气气气气死我了啊啊啊", "难难难难吃，呕")),
        *_minimum("typos", "-", ("辣鸡产品，在也不买了", "这个手机太拉跨了，失忘")),
        *_minimum("typos", "+", ("真的灰常好吃", "小姐姐态度炒鸡好，稀饭")),
        *_minimum("censored", "-", ("这什么sb客服", "垃*圾公司，骗钱的", "真tm恶心，再也不来了")),
        *_same(
            "spacing",
            (("这家公司太垃圾了", "这家公司太 垃 圾 了"), ("服务非常好", "服 务 非 常 好")),
            2 * MOVE,
        ),
        *_same(
            "form",
            (
                ("服务太差了，再也不来", "服务太差了，再也不来 https://t.co/a1b2c3"),
                ("服务太差了，再也不来", "@小明 服务太差了，再也不来"),
                ("服务太差了，再也不来", "服务太差了!再也不来!"),
                ("味道很好，推荐大家来", "味道很好，推荐大家来http://t.cn/Abc123"),
                ("味道很好，推荐大家来", "味道很好，推薦大家來"),
            ),
        ),
    ]


def _brands() -> list[Case]:
    first, *others = _BRANDS
    templates = ("{}客服半天没人理，太失望了。", "{}下个月在上海开新店。")
    return [
        *_same(
            "brands", [(t.format(first), t.format(brand)) for t in templates for brand in others]
        ),
        *_minimum(
            "public relations",
            "-",
            (
                "奶粉里吃出异物，厂家还推卸责任!",
                "数据泄露了还不道歉，抵制这家公司。",
                "退款拖了两个月，骗子公司。",
                "系统又崩了，一周三次，受够了。",
            ),
        ),
        *_minimum(
            "public relations",
            "+",
            ("客服五分钟就解决了问题，点赞!", "公司第一时间道歉并全额退款，有担当，支持!"),
        ),
        *_minimum(
            "public relations", "0", ("公司周四公布年度报告。", "董事会将于周二选举新任主席。")
        ),
    ]
