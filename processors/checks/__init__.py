"""Checks of a scorer beyond its skill on one data set: robustness, bias, attacks.

    run_checks    the robustness suite and the bias sentences: a Report
    report_text   a Report for people
    run_suite, failures     the suite alone
    bias, beyond_target     the bias sentences alone
    attack, negate          what edits of labelled posts do
    attack_text, bias_text  the same for people

`processors.checks.edits` holds the edits, for training too. No text of the suite or of the bias
sentences may be trained on: a model would learn the test.
"""

from processors.checks.attacks import Attack, attack, negate
from processors.checks.bias import TARGET, beyond_target, bias
from processors.checks.report import Report, attack_text, bias_text, report_text, run_checks
from processors.checks.suite import Failure, failures, run_suite

__all__ = [
    "TARGET",
    "Attack",
    "Failure",
    "Report",
    "attack",
    "attack_text",
    "beyond_target",
    "bias",
    "bias_text",
    "failures",
    "negate",
    "report_text",
    "run_checks",
    "run_suite",
]
