"""Quoted-printable values: the short way for plain ones writes what the long way does."""

import binascii
import quopri

from hypothesis import example, given
from hypothesis import strategies as st

from service.mail import quoted

plain = st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="=")


@given(st.text(plain, max_size=400))
@example("x" * 72)
@example("x" * 73)
@example("x" * 75)
@example("x" * 76)
@example("x" * 147)
@example("x" * 148)
@example("x" * 75 + "." + "x" * 75)
@example(".")
def test_a_plain_value_is_divided_where_the_library_divides_it(text):
    """`=3D` behind it keeps the columns free that the soft line break after it may need."""
    library = binascii.b2a_qp(text.encode() + b"=").removesuffix(b"=3D").replace(b"\n", b"\r\n")
    written = quoted.value(text)
    assert quopri.decodestring(written) == text.encode()
    if not library.startswith(b".") and b"\n." not in library:
        assert written == library


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r")))
@example(" ")
@example("\t\t  \t")
@example("\xfe\xff")
@example("=FF=FE=20")
def test_any_value_reads_back(text):
    assert quopri.decodestring(quoted.value(text)).replace(b"\r\n", b"\n") == text.encode()
