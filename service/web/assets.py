"""Files that pages show: the stylesheet and the script, kept for ever by their digest, and pictures."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from service.web.given import Site

_FOLDER: Final = Path(__file__).parent / "static"
_TYPES: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_PICTURES: Final = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}
_STEP: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]{0,120}")
_FOR_EVER: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class _Asset:
    content: bytes
    media_type: str
    digest: str


class Assets:
    """The few files of the pages' own look, read once."""

    def __init__(self, site: Site) -> None:
        self._prefix = site.prefix
        self._assets = {file.name: _read(file) for file in sorted(_FOLDER.iterdir()) if file.suffix in _TYPES}

    def url(self, name: str) -> str:
        """Give the address of a file, which changes with its content."""
        return f"{self._prefix}/static/{name}?v={self._assets[name].digest}"

    async def serve(self, request: Request) -> Response:
        """Answer with a file; for ever, if the address names the content that it has now."""
        asset = self._assets.get(request.path_params["name"])
        if asset is None:
            raise HTTPException(404)
        tag = f'"{asset.digest}"'
        headers = {"ETag": tag, "Cache-Control": "public, no-cache"}
        if request.query_params.get("v") == asset.digest:
            headers["Cache-Control"] = _FOR_EVER
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(asset.content, headers=headers, media_type=asset.media_type)


async def picture(request: Request) -> Response:
    """Answer with a picture of a collection; nothing outside of its folder, and nothing that is no picture."""
    site: Site = request.app.state.site
    steps = request.path_params["file"].split("/")
    suffix = Path(steps[-1]).suffix.lower()
    if suffix not in _PICTURES or not all(map(_STEP.fullmatch, steps)):
        raise HTTPException(404)
    folder = site.pictures.resolve()
    file = folder.joinpath(*steps).resolve()
    if not file.is_relative_to(folder) or not file.is_file():
        raise HTTPException(404)
    headers = {
        "Cache-Control": "public, max-age=86400",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "cross-origin",  # the web copy of a letter has no origin of its own
    }
    return FileResponse(file, headers=headers, media_type=_PICTURES[suffix])


def _read(file: Path) -> _Asset:
    content = file.read_bytes()
    return _Asset(content, _TYPES[file.suffix], hashlib.sha256(content).hexdigest()[:16])
