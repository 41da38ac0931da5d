"""What is told as it happens: by one connection, and never faster than it is read."""

from tests import page_data
from tests.page.conftest import Show
from tests.page_fixture import Line

PACED = """async () => {
    const { paced } = await import('/static/live.js');
    const tick = () => new Promise(done => setTimeout(done, 1));
    let [asked, running, most] = [0, 0, 0];
    const seen = [];
    const ask = paced(async () => {
        most = Math.max(most, ++running);
        seen.push(asked);
        for (let n = 0; n < 5; n++) await tick();
        running--;
    }, 1);
    while (asked < 20) {
        asked++;
        ask();
        await tick();
    }
    while (seen.at(-1) !== 20) await tick();
    return most;
}"""


def volume(line: Line, number: int) -> None:
    """Contoso has so many posts, and viewers are told."""
    told = page_data.overview()
    told["brands"][1]["volume"] = number
    line.overview = told
    line.tell("Contoso", "posts")


def test_tabs_share_a_connection_which_outlives_the_tab_that_has_it(show: Show, line: Line) -> None:
    first = show()
    first.wait_for_selector(".light.live")
    tabs = [first.context.new_page() for _ in range(6)]  # a browser opens six connections
    for page in tabs:
        page.goto(first.url)
        page.wait_for_selector(".rows .row")
        page.wait_for_selector(".light.live")
    assert line.listeners == 1
    volume(line, 4_321)
    for page in (first, *tabs):
        page.wait_for_selector("text=4,321/h")
    first.close()
    for page in tabs:
        page.wait_for_selector(".light.live")
    volume(line, 5_432)
    for page in tabs:
        page.wait_for_selector("text=5,432/h")


def test_a_slow_server_is_asked_once_at_a_time_and_after_the_last_news(show: Show) -> None:
    assert show("/health").evaluate(PACED) == 1  # and it ends
