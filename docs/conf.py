"""The documentation's site: `sphinx-build -W docs build/site`.

The pages are the project's Markdown files as they are. What only the site needs is added here: README.md is its home
page, CONTRIBUTING.md and CHANGELOG.md are pages of it, their links are the site's, and each page has its place in the
navigation.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from sphinx.application import Sphinx

DOCS = Path(__file__).parent
ROOT = DOCS.parent
sys.path.insert(0, str(ROOT / "src"))

from joinlint import __version__  # noqa: E402
from joinlint.links import PROJECT_URL  # noqa: E402

project = "joinlint"
author = "the joinlint developers"
version = release = __version__

extensions = ["myst_parser"]
nitpicky = True
# Headings can be linked to by their GitHub names, as they are in the repository.
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"joinlint {version}"
html_copy_source = False
html_show_copyright = False
html_static_path = ["static"]
html_css_files = ["joinlint.css"]
# Programs and reports are long-lived text: reports are no Python, and nothing else has to be guessed.
highlight_language = "none"

# Pages whose text is a file beside docs/.
_OF_PROJECT = {"index": "README.md", "contributing": "CONTRIBUTING.md", "changelog": "CHANGELOG.md"}
_FIRST = ["getting-started", "usage", "editors", "rules/index", "settings", "faq", "comparison", "evidence"]
_FIRST += ["accuracy", "performance"]
_LAST = ["contributing", "changelog"]
_LINK = re.compile(r"\]\((?!https?://|#)(?P<path>[^)#\s]+)")


def _pages() -> list[str]:
    """The pages under the home page: the known ones in their order, any other between them."""
    there = {path.stem for path in DOCS.glob("*.md")} - {"index", "README"} | {"rules/index"}
    others = sorted(there - {*_FIRST, *_LAST})
    return [page for page in (*_FIRST, *others, *_LAST) if page in there]


def _toctree(pages: list[str]) -> str:
    return "\n```{toctree}\n:hidden:\n\n" + "".join(f"{page}\n" for page in pages) + "```\n"


def _of_the_site(link: re.Match[str]) -> str:
    """A link in a file beside docs/: to the page of the site, or to the repository."""
    path = link["path"]
    page = next((page for page, name in _OF_PROJECT.items() if name == path), "")
    if page or path.startswith("docs/"):
        return f"]({f'{page}.md' if page else path.removeprefix('docs/')}"
    return f"]({PROJECT_URL}/blob/main/{path}"


def _complete(app: Sphinx, page: str, source: list[str]) -> None:
    if page in _OF_PROJECT:
        file = ROOT / _OF_PROJECT[page]
        app.env.note_dependency(str(file))
        source[0] = _LINK.sub(_of_the_site, file.read_text(encoding="utf-8"))
    if page == "index":
        source[0] += _toctree([*_pages(), f"Repository <{PROJECT_URL}>"])
    if page == "rules/index":
        source[0] += _toctree(sorted(path.stem for path in (DOCS / "rules").glob("JL*.md")))


def setup(app: Sphinx) -> None:
    app.connect("source-read", _complete)
