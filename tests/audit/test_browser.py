"""The page of `joinlint audit` in Chromium, where there is one: CONTRIBUTING.md says how to get it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from joinlint.cli import run

ROOT = Path(__file__).parents[2]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# Nothing but the page is of interest, and a container's root has no sandbox.
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="joinlint[browser] is not installed")
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a report on some fixtures and a file whose name, lines and texts are long and hostile."""
    folder = tmp_path_factory.mktemp("audit")
    for name in ("JL101_never_joined", "JL102_not_joined_on_all_paths"):
        shutil.copytree(ROOT / "tests" / "fixtures" / name, folder / name)
    name = "a" * 100 + "<script>document.title='broken'<" + "&lt;.py"
    (folder / name).write_text(
        f"import multiprocessing\n\n\ndef f(work):\n    p = multiprocessing.Process(target=work, args=({'1' * 900},))\n"
        "    p.start()  # </td></table><script>document.title='broken'</script>\n"
    )
    (folder / "broken.py").write_text("def f(:\n")
    here = os.getcwd()
    os.chdir(folder)
    try:
        assert run(["audit"]) == 2
    finally:
        os.chdir(here)
    return (folder / "joinlint-audit.html").as_uri()


@pytest.fixture
def said() -> list[str]:
    """What the page has written to the console, errors and refusals of its own policy included."""
    return []


def opened(browser: Any, report: str, said: list[str], **options: object) -> Any:
    page = browser.new_page(**options)
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.extend([request.url] if request.url.partition("#")[0] != report else []))
    page.goto(report)
    return page


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fits_and_is_silent(browser: Any, report: str, said: list[str], width: int, scheme: str) -> None:
    page = opened(browser, report, said, viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    beyond = (
        "[...document.querySelectorAll('*')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).length"
    )
    assert page.evaluate(beyond) == 0
    assert page.title().startswith("joinlint audit of audit")
    assert said == []
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 24, 28)"
    assert dark == (scheme == "dark")
    page.close()


CONTRASTS = """() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const linear = (c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = numbers(colour).map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (numbers(colour)[3] !== 0) return colour;
    }
  };
  const texts = [...document.querySelectorAll("body *")].filter((e) => !["SCRIPT", "OPTION"].includes(e.tagName) &&
    [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()));
  return Math.min(...texts.map((e) => {
    const [one, two] = [light(getComputedStyle(e).color), light(behind(e))].sort((a, b) => b - a);
    return (one + 0.05) / (two + 0.05);
  }));
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out(browser: Any, report: str, said: list[str], scheme: str) -> None:
    """The contrast that WCAG 2.2 asks for (1.4.3, level AA)."""
    page = opened(browser, report, said, color_scheme=scheme)
    assert page.evaluate(CONTRASTS) >= 4.5
    page.close()


def visible(page: Any) -> list[str]:
    codes = page.eval_on_selector_all("article:not([hidden])", "found => found.map((a) => a.dataset.code)")
    assert isinstance(codes, list)
    return codes


def test_filter(browser: Any, report: str, said: list[str]) -> None:
    page = opened(browser, report, said)
    every = visible(page)
    page.select_option("#rule", "JL102")
    assert set(visible(page)) == {"JL102"}
    assert page.text_content("#shown") == f"{every.count('JL102')} of {len(every)} shown"
    assert page.locator("section.file:visible").count() < page.locator("section.file").count()
    page.fill("#words", "BREAK out_of_joins")
    assert visible(page) == ["JL102"]
    page.fill("#words", "nothing like this")
    assert visible(page) == []
    page.evaluate("location.hash = 'problem-1'")
    page.wait_for_function("!document.getElementById('problem-1').hidden")
    assert visible(page) == every
    assert said == []
    page.close()


def test_keyboard(browser: Any, report: str, said: list[str]) -> None:
    page = opened(browser, report, said)
    page.focus("#rule")
    page.keyboard.press("Tab")
    page.keyboard.type("early_return")
    assert 0 < len(visible(page)) < 5
    page.keyboard.press("Enter")
    assert len(visible(page)) < 5
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.place a')")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.close()


def test_without_scripts(browser: Any, report: str, said: list[str]) -> None:
    page = opened(browser, report, said, java_script_enabled=False)
    assert page.locator("article").count() == page.locator("article:visible").count() > 40
    assert not page.locator("#filter").is_visible()
    page.close()


def test_on_paper(browser: Any, report: str, said: list[str]) -> None:
    page = opened(browser, report, said)
    page.emulate_media(media="print")
    assert not page.locator("#filter").is_visible()
    assert page.locator("article:visible").count() > 40
    assert len(page.pdf()) > 10_000
    page.close()
