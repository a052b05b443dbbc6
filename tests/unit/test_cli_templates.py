"""A folder of templates: what is no piece is refused, each file with its reason."""

from pathlib import Path

import pytest

from service.cli_templates import pieces_in
from service.domain.errors import ImportRefusedError


def test_a_folder_gives_its_pieces_and_nothing_beside_them(tmp_path: Path) -> None:
    for name, text in {"letters/notice/body.txt": "A\r\n", "locales/hy.po": "", "README.md": "no piece"}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(text.encode())
    assert pieces_in(tmp_path) == {"letters/notice/body.txt": "A\n", "locales/hy.po": ""}


def test_files_that_are_no_pieces_are_named_together(tmp_path: Path) -> None:
    (tmp_path / "letters/notice").mkdir(parents=True)
    (tmp_path / "letters/notice/body.html").write_text("x")
    (tmp_path / "letters/notice/body.txt").write_bytes(b"\xff")
    (tmp_path / "letters/notice/subject.txt").write_bytes(b"a\0")
    with pytest.raises(ImportRefusedError) as refused:
        pieces_in(tmp_path)
    reasons = [finding.removeprefix(f"{tmp_path}/letters/notice/") for finding in refused.value.findings]
    assert [reason[:32] for reason in reasons] == [
        "body.html: this is no name of a ",
        "body.txt: this is not UTF-8: inv",
        "subject.txt: This holds characte",
    ]


@pytest.mark.parametrize("made", [True, False])
def test_a_folder_without_pieces_is_refused(tmp_path: Path, made: bool) -> None:  # noqa: FBT001
    with pytest.raises(ImportRefusedError, match=r"no such folder|no files in letters"):
        pieces_in(tmp_path if made else tmp_path / "none")
