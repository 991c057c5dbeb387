"""What was checked and what came of it, as a report for people and as JSON."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SHOWN = 8
_WORDS = {True: "ok", False: "FAULT", None: "-"}


@dataclass(frozen=True)
class Check:
    """One check: ``passed`` is None for a note, which cannot fail.

    ``text`` says how many there were and what was found, ``faults`` names each of those that failed.
    """

    section: str
    title: str
    passed: bool | None
    text: str
    faults: tuple[str, ...] = ()


def judged(section: str, title: str, text: str, faults: list[str]) -> Check:
    """Return a check that failed if there are ``faults``."""
    return Check(section, title, not faults, text, tuple(faults))


def note(section: str, title: str, text: str) -> Check:
    """Return a note, which cannot fail."""
    return Check(section, title, None, text)


@dataclass(frozen=True)
class VerifyReport:
    """All checks of a folder; ``seconds`` is the time they took."""

    folder: Path
    checks: tuple[Check, ...]
    seconds: float

    @property
    def well(self) -> bool:
        """Whether nothing failed."""
        return all(check.passed is not False for check in self.checks)

    @property
    def text(self) -> str:
        """The report as lines of text; of many faults it names the first."""
        lines = [f"{self.folder}"]
        width = max((len(check.title) for check in self.checks), default=0)
        for section in dict.fromkeys(check.section for check in self.checks):
            lines += ["", section]
            for check in self.checks:
                if check.section == section:
                    lines.append(f"  {_WORDS[check.passed]:5}  {check.title:{width}}  {check.text}".rstrip())
                    lines += [f"{'':{width + 11}}{fault}" for fault in check.faults[:_SHOWN]]
                    more = len(check.faults) - _SHOWN
                    if more > 0:
                        lines.append(f"{'':{width + 11}}and {more:,} more (--json FILE names all)")
        return "\n".join([*lines, "", self.verdict])

    @property
    def verdict(self) -> str:
        """One line: whether all claims hold, or what does not."""
        judgements = [check for check in self.checks if check.passed is not None]
        failed = [check for check in judgements if not check.passed]
        if not failed:
            return f"verdict: fine, {len(judgements)} checks without a fault in {self.seconds:.1f} s"
        count = sum(len(check.faults) for check in failed)
        names = ", ".join(f"{check.section}/{check.title}" for check in failed)
        return f"verdict: FAULTY, {count:,} fault{'' if count == 1 else 's'} in {names} ({self.seconds:.1f} s)"

    def as_json(self) -> dict[str, Any]:
        """The report as JSON-serialisable values, with every fault."""
        return {
            "folder": str(self.folder),
            "well": self.well,
            "verdict": self.verdict,
            "seconds": round(self.seconds, 2),
            "checks": [dataclasses.asdict(check) for check in self.checks],
        }
