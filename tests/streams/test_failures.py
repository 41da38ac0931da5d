"""What a person is told of a failure: one line, without numbers of the system's."""

from pathlib import Path

import pytest

from streams.failures import UsageError, one_line


def test_a_file_is_named_with_what_is_wrong_with_it(tmp_path: Path) -> None:
    with pytest.raises(OSError) as failed:
        (tmp_path / "none").read_bytes()
    assert one_line(failed.value) == f"{tmp_path / 'none'}: no such file or directory"
    with pytest.raises(OSError) as failed:
        (tmp_path / "none" / "a").touch()  # its error names the path and not its text
    assert one_line(failed.value) == f"{tmp_path / 'none' / 'a'}: no such file or directory"


def test_other_failures_are_their_words_in_one_line() -> None:
    assert one_line(UsageError("a\nb  c")) == "a b c"
    assert one_line(OSError("gone")) == "gone"
    assert one_line(KeyError()) == "KeyError"
