"""Author and license as a model file itself states them: glTF's asset entry, Sketchfab's extras, VRM's meta."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from synthmat.model_files.gltf_json import GLTF_SUFFIXES, read_gltf_json

_CC_ADDRESS = re.compile(
    r"creativecommons\.org/(?:licenses/(by(?:-(?:nc|sa|nd))*)/(\d\.\d)|publicdomain/(zero|mark)/1\.0)", re.IGNORECASE
)
_CC_NAME = re.compile(
    r"\bCC[-_ ]?(?:(0|Zero)\b|(BY(?:[-_ ](?:NC|SA|ND))*)(?![A-Za-z])[-_ ]?(?:v\.?)?(\d\.\d)?)", re.IGNORECASE
)
_CC_WORDS = re.compile(
    r"(?:Creative Commons\s+)?\bAttribution((?:[-_ ](?:Non-?Commercial|Share-?Alike|No-?Deriv(?:ative)?s?))*)"
    r"\s*(\d\.\d)?",
    re.IGNORECASE,
)
_SHORT = {"noncommercial": "NC", "sharealike": "SA", "noderivatives": "ND", "noderivs": "ND", "noderivative": "ND"}
_LONGEST = 600
_PLACEHOLDERS = {"", "unknown", "none", "n/a", "null", "undefined"}


class Provenance(NamedTuple):
    """License and source of a model, as far as its file tells them."""

    license: str | None
    source: str | None


def provenance(model: Path) -> Provenance:
    """Return the license, by its short name where it is a known one, and the source: title, author, where from."""
    if model.suffix.lower() not in GLTF_SUFFIXES:
        return Provenance(None, None)
    try:
        document = read_gltf_json(model)
    except OSError:
        return Provenance(None, None)
    asset, extensions = _entry(document, "asset"), _entry(document, "extensions")
    found = [
        _of_vrm_1(_entry(_entry(extensions, "VRMC_vrm"), "meta")),
        _of_vrm_0(_entry(_entry(extensions, "VRM"), "meta")),
        _of_asset(_entry(asset, "extras")),
        _of_asset(asset),
    ]
    licenses = [each.license for each in found if each.license]
    sources = [each.source for each in found if each.source]
    return Provenance(licenses[0] if licenses else None, sources[0] if sources else None)


def short_license(text: str) -> str:
    """Return the short name of a Creative Commons license (``CC-BY-4.0``) from its name or address; else the text."""
    if match := _CC_ADDRESS.search(text):
        if match[3]:
            return "CC0-1.0" if match[3].lower() == "zero" else "PDM-1.0"
        return f"CC-{match[1].upper()}-{match[2]}"
    if match := _CC_NAME.search(text):
        if match[1]:
            return "CC0-1.0"
        return "-".join(filter(None, ["CC", re.sub("[_ ]", "-", match[2].upper()), match[3]]))
    if (match := _CC_WORDS.search(text)) and (re.search(r"\bCC\b|creative commons", text, re.IGNORECASE) or match[2]):
        words = re.findall(r"[a-z]+", match[1].lower().replace("non-", "non").replace("share-", "share"))
        parts = [_SHORT[word] for word in (w.replace("no-", "no") for w in words) if word in _SHORT]
        return "-".join(filter(None, ["CC-BY", *parts, match[2]]))
    return _clean(text)


def _of_asset(entry: dict[str, Any]) -> Provenance:
    """Read ``author``, ``license``, ``source``, ``title`` (Sketchfab's and others') and ``copyright`` (glTF's)."""
    license_ = _text(entry, "license", "licence")
    rights = _text(entry, "copyright")
    if not license_ and rights and (_CC_NAME.search(rights) or _CC_ADDRESS.search(rights)):
        license_ = short_license(rights)
    where = _text(entry, "source", "url")
    return Provenance(
        short_license(license_) if license_ else None,
        _source(_text(entry, "title"), _text(entry, "author", "artist", "creator"), rights, where),
    )


def _of_vrm_0(meta: dict[str, Any]) -> Provenance:
    name, address = _text(meta, "licenseName"), _text(meta, "otherLicenseUrl")
    if name.lower() == "other":
        license_ = short_license(address) if address else ""
    elif name.upper().startswith("CC"):
        short = short_license(name)
        license_ = short if short == "CC0-1.0" else f"{short}-4.0"  # those that VRM means
    else:
        license_ = name.replace("_", " ")
    if license_ and not license_.startswith("CC") and _text(meta, "commercialUssageName").lower() == "disallow":
        license_ += " (non-commercial)"
    where = _text(meta, "contactInformation", "reference")
    return Provenance(license_ or None, _source(_text(meta, "title"), _text(meta, "author"), "", where))


def _of_vrm_1(meta: dict[str, Any]) -> Provenance:
    if not meta:
        return Provenance(None, None)
    address = _text(meta, "otherLicenseUrl", "licenseUrl")
    license_ = short_license(address)
    if "vrm.dev/licenses/1.0" in address:
        terms = [
            "NC" if _text(meta, "commercialUsage").lower() != "corporation" else "",
            "ND" if not _text(meta, "modification").lower().startswith("allow") else "",
            "" if meta.get("allowRedistribution") is True else "redistribution prohibited",
        ]
        license_ = " ".join(["-".join(filter(None, ["VRM-1.0", *terms[:2]])), terms[2]]).strip()
    authors = meta.get("authors")
    names = ", ".join(_clean(name) for name in authors if isinstance(name, str)) if isinstance(authors, list) else ""
    references = meta.get("references")
    where = next((_clean(each) for each in references if isinstance(each, str)), "") if references else ""
    rights = _text(meta, "copyrightInformation")
    return Provenance(license_ or None, _source(_text(meta, "name"), names, rights, where))


def _source(title: str, author: str, rights: str, where: str) -> str | None:
    who = f"{title} by {author}" if title and author else author or (title if rights or where else "")
    parts = [who, "" if author and author in rights and rights == author else rights, where]
    return ", ".join(dict.fromkeys(part for part in parts if part))[:_LONGEST] or None


def _entry(parent: dict[str, Any], key: str) -> dict[str, Any]:
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def _text(entry: dict[str, Any], *keys: str) -> str:
    """Return the first of these entries that says something."""
    texts: Iterable[str] = (_clean(entry[key]) for key in keys if isinstance(entry.get(key), str))
    return next((text for text in texts if text.lower() not in _PLACEHOLDERS), "")


def _clean(text: str) -> str:
    return " ".join(text.split())[:_LONGEST]
