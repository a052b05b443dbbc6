"""What `t("…")` says: whether its text can be found, read and filled in, and into what it is translated."""

from collections.abc import Iterator

from jinja2 import nodes

from service.rendering.icu import unreadable
from service.rendering.messages import arguments


def text_of(call: nodes.Call) -> str | None:
    """Give the text that a call of `t` says; None if it does not stand there itself."""
    text = call.args[0] if call.args else None
    return text.value if isinstance(text, nodes.Const) and isinstance(text.value, str) else None


def said_wrongly(call: nodes.Call) -> Iterator[str]:
    """Say what is wrong with a call of `t`."""
    text = text_of(call)
    if text is None or len(call.args) > 1 or call.dyn_args or call.dyn_kwargs:
        yield 't() needs its text in quotation marks, and its values by name: t("… {title}", title=…)'
        return
    given = {pair.key for pair in call.kwargs}
    if not given:
        return
    if wrong := unreadable(text):
        yield f"t() cannot read its text: {wrong}"
        return
    wanted = arguments(text)
    if missing := wanted - given:
        yield f"t() is not given {', '.join(sorted(missing))}, which its text names"
    if spare := given - wanted:
        yield f"t() is given {', '.join(sorted(spare))}, which its text does not name"
