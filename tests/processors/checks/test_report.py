"""The report: for programs, for people."""

import msgspec

from processors.checks import Report, attack, attack_text, report_text, run_checks
from processors.score_constant import ConstantScorer


def test_a_report_survives_json() -> None:
    report = run_checks(ConstantScorer())
    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report
    assert report.model == "constant-1"
    assert report.bias
    assert len(report.failures) == round(
        report.robustness["all"].failed * report.robustness["all"].cases
    )


def test_who_reads_no_english_has_no_english_groups() -> None:
    report = run_checks(ConstantScorer(), languages=("zh",))
    assert report.bias == {}
    assert set(report.by_language) == {"zh", "all"}
    assert "group" not in report_text(report)


def test_people_see_rates_failures_and_groups() -> None:
    report = run_checks(ConstantScorer(), languages=("en", "es"))
    text = report_text(report, show=1)
    shown = [line for line in text.splitlines() if line.startswith("    ")]
    assert len(shown) == len({failure.capability for failure in report.failures})
    assert all(name in text for name in (*report.robustness, *report.by_language, *report.bias))
    assert text.count("\n") < report_text(report).count("\n")


def test_people_see_attacks() -> None:
    found = attack(ConstantScorer(), [("an awful day", "negative")], seed=0)
    lines = attack_text(found).splitlines()
    assert len(lines) == 1 + len(found)
    assert any(line.startswith("spaced out") for line in lines)
