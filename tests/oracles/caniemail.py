"""Trims the data of caniemail for `service/rendering/checks/mail_programs.json`: which program supports what, lately.

    npm pack caniemail@1.0.5 && tar xzf caniemail-1.0.5.tgz
    python tests/oracles/caniemail.py package/data/caniemail.json

Kept is what a letter's HTML and style sheets may use, and of each program its newest value: n for no, a for partly.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

OUTPUT = Path(__file__).parents[2] / "service" / "rendering" / "checks" / "mail_programs.json"
LICENCE = (
    "Data of caniemail.com by Rémi Parmentier and contributors, MIT License, as the npm package caniemail 1.0.5 "
    "(© Avi Goldman, © Andrew Powell, MIT License) brings it; trimmed by tests/oracles/caniemail.py. Permission is "
    "hereby granted, free of charge, to any person obtaining a copy of this data to deal in it without restriction, "
    "including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or "
    "sell copies of it, provided that this notice is included. It is provided as is, without warranty of any kind."
)
PROGRAMS = (
    "apple-mail",
    "gmail",
    "outlook",
    "yahoo",
    "aol",
    "samsung-email",
    "thunderbird",
    "protonmail",
    "hey",
    "mail-ru",
)
PLATFORMS = {
    "desktop-webmail": "web",
    "mobile-webmail": "mobile web",
    "outlook-com": "web",
    "windows-mail": "Windows Mail",
}
PAIRS = {
    "css-display-flex": ["display:flex"],
    "css-display-grid": ["display:grid"],
    "css-display-none": ["display:none"],
    "css-left-right-top-bottom": ["left", "right", "top", "bottom"],
    "css-margin-inline-start-end": ["margin-inline-start", "margin-inline-end"],
    "css-padding-inline-start-end": ["padding-inline-start", "padding-inline-end"],
    "css-linear-gradient": ["linear-gradient()"],
    "css-radial-gradient": ["radial-gradient()"],
    "css-conic-gradient": ["conic-gradient()"],
    "css-variables": ["var()"],
    "css-unit-calc": ["calc()"],
    "css-function-clamp": ["clamp()"],
    "css-function-max": ["max()"],
    "css-function-min": ["min()"],
    "css-function-light-dark": ["light-dark()"],
    "css-unit-percent": ["1%"],
    "html-h1-h6": [f"<h{level}>" for level in range(1, 7)],
    "html-lists": ["<ul>", "<ol>", "<li>", "<dl>"],
    "html-hidden": ["hidden="],
}
ATTRIBUTES = {
    "align",
    "background",
    "cellpadding",
    "cellspacing",
    "dir",
    "height",
    "lang",
    "role",
    "target",
    "valign",
    "width",
}
ELEMENTS = {
    "abbr",
    "acronym",
    "address",
    "bdi",
    "blockquote",
    "code",
    "del",
    "dfn",
    "div",
    "hr",
    "img",
    "p",
    "pre",
    "ruby",
}
ELEMENTS |= {"small", "span", "strike", "strong", "style", "svg", "table", "video", "audio", "wbr"}


def names_of(slug: str) -> Iterator[str]:
    """Give the names under which a feature is looked up: a property, `<element>`, `attribute=`, `:pseudo`, `1unit`."""
    if slug in PAIRS:
        yield from PAIRS[slug]
    elif found := re.fullmatch(r"css-unit-(\w{2,4})", slug):
        yield f"1{found[1]}"
    elif found := re.fullmatch(r"css-pseudo-(?:class|element)-(.+)", slug):
        yield f":{found[1]}"
    elif found := re.fullmatch(r"css-at-(font-face|import|keyframes|supports)", slug):
        yield f"@{found[1]}"
    elif found := re.fullmatch(r"html-(\w+)", slug):
        if found[1] in ELEMENTS:
            yield f"<{found[1]}>"
        elif found[1] in ATTRIBUTES:
            yield f"{found[1]}="
    elif (found := re.fullmatch(r"css-([a-z-]+)", slug)) and not slug.startswith(
        ("css-selector", "css-at-", "css-rgb")
    ):
        yield found[1]


def newest(versions: dict[str, str]) -> str:
    """Give the value of the newest version, without its notes."""
    return list(versions.values())[-1].split(" ")[0]


def main() -> None:
    """Write the trimmed data."""
    given: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    named = given["nicenames"]
    programs: list[str] = []
    features: dict[str, dict[str, list[int]]] = {}
    for feature in given["data"]:
        support: dict[str, list[int]] = {}
        for family in PROGRAMS:
            for platform, versions in feature["stats"].get(family, {}).items():
                place = PLATFORMS.get(platform) or named["platform"][platform]
                program = f"{named['family'][family]} ({place})"
                if program not in programs:
                    programs.append(program)
                value = newest(versions)
                if value in {"n", "a"}:
                    support.setdefault(value, []).append(programs.index(program))
        for name in names_of(feature["slug"]):
            if support:
                features[name] = support
    kept = {"licence": LICENCE, "as_of": given["last_update_date"][:10], "programs": programs}
    lines = [f"  {json.dumps(name)}: {json.dumps(support)}" for name, support in sorted(features.items())]
    head = json.dumps(kept, ensure_ascii=False, indent=1)[:-2]
    OUTPUT.write_text(f'{head},\n "features": {{\n' + ",\n".join(lines) + "\n }\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
