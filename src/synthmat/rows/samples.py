"""Samples as records: what a row of ``metadata.jsonl`` says, and where the sample's files lie."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from synthmat.rows.kinds import FOLDERS, KINDS

FILE = re.compile(r"[\w-]+(/[\w-]+){1,2}\.(png|jpg)")
"""What the path of a sample's file is, from its split's folder."""


def sample_files(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the files of a metadata row, relative to the data set's folder, and their sha256.

    Names that are none of ours are left out.
    """
    files = {}
    for kind in KINDS:
        name = row.get(f"{kind}_file_name") or ""
        if FILE.fullmatch(name) and name.startswith(f"{FOLDERS[kind]}/"):
            files[f"{row['split']}/{name}"] = row.get(f"{kind}_sha256") or ""
    return files
