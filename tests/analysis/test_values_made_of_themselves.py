"""Values that come from themselves are traced once round, and no further."""

from __future__ import annotations

import pytest

from joinlint.pipeline import check_files
from joinlint.rules import all_rules
from joinlint.sources import SourceFile

HEAD = "import functools\nimport multiprocessing\n"
START = "multiprocessing.Process(target=work).start()\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("work = functools.partial(work, 1)\n" + START, id="a partial of itself"),
        pytest.param("pool = pool.grown()\npool.Process(target=work).start()\n", id="a context that makes itself"),
        pytest.param("work = work + work\n" + START, id="a sum of itself"),
        pytest.param("items = [1]\nitems = [items, items]\n" + START.replace("work", "work, args=items"), id="a list"),
    ],
)
def test_it_is_checked(text: str) -> None:
    (result,) = check_files([SourceFile("app.py", HEAD + text)], all_rules())
    assert result.problem is None
    assert "JL101" in {finding.code for finding in result.findings}
