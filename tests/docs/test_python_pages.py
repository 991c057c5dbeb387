"""The Python of the how-to pages runs, page by page, in the order in which it is read."""

import re
import subprocess
import sys

import pytest
from support.doc_pages import blocks
from support.repository import REPOSITORY

import synthmat

PAGES = [page for page in sorted((REPOSITORY / "docs" / "guides").glob("*.md")) if blocks(page, "python")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_python_of_a_page_runs(page, tmp_path):
    code = [block.text for block in blocks(page, "python")]
    assert code
    lacking = set(re.findall(r"\bsynthmat\.([A-Za-z]\w*)\b(?!\.)", "\n".join(code))) - set(synthmat.__all__)
    assert not lacking, f"{page.name} uses what is not public: {', '.join(sorted(lacking))}"
    script = tmp_path / "page.py"
    script.write_text("\n".join(code), encoding="utf-8")
    done = subprocess.run([sys.executable, script.name], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_there_is_a_page_with_python():
    assert "python.md" in {page.name for page in PAGES}
