"""The part of the data-set card about rights: models, photos, licenses, warnings, and whom to name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from synthmat.compositor.card.licenses import NOT_GIVEN, Terms, cannot_be_joined, terms_of
from synthmat.compositor.planning.plan import Plan
from synthmat.rows.row_types import SampleRow
from synthmat.storage.output_folder import SPLITS

_LONGEST_TABLE = 200
_MAX_NAMES, _MAX_CREDITS = 8, 60


@dataclass
class Thing:
    """A model, by its identity, or a photo: where it is used, under which license, and from where.

    ``behind`` counts the samples in which it is not the first object.
    """

    name: str
    license: str
    source: str
    samples: Counter[str] = field(default_factory=Counter)
    variants: set[str] = field(default_factory=set)
    behind: int = 0


def used_things(plan: Plan, rows: Iterable[SampleRow]) -> tuple[list[Thing], list[Thing]]:
    """Return the models and photos that the samples show, stacks and distractors included, sorted by name."""
    of_object = {each.foreground.object: each for each in plan.candidates}
    of_photo = {photo.name: photo for photo in plan.photos}
    models: dict[str, Thing] = {}
    photos: dict[str, Thing] = {}

    def model(name: str) -> Thing:
        about = of_object[name]
        identity = about.foreground.identity
        if identity not in models:
            models[identity] = Thing(identity, about.license, about.source)
        models[identity].variants.add(name)
        return models[identity]

    for row in rows:
        split = row.get("split", "")
        model(row.get("object", "")).samples[split] += 1
        for each in f"{row.get('others', '')} {row.get('distractors', '')}".split():
            model(each.rpartition(":")[0]).behind += 1
        name = row.get("background", "")
        if name not in photos:
            photos[name] = Thing(name, of_photo[name].license, of_photo[name].source)
        photos[name].samples[split] += 1
    return [models[name] for name in sorted(models)], [photos[name] for name in sorted(photos)]


def license_sections(models: list[Thing], photos: list[Thing], rows: list[SampleRow]) -> list[str]:
    """Return the sections: licenses with warnings, attribution, models, photos."""
    samples = Counter(tuple((row.get("licenses") or NOT_GIVEN).split("; ")) for row in rows)
    return [
        _licenses(models, photos, samples),
        _attribution(models, photos),
        _table("Models", "model", models),
        _table("Photos", "photo", photos),
    ]


def _licenses(models: list[Thing], photos: list[Thing], samples: Counter[tuple[str, ...]]) -> str:
    lines = ["| license | models | photos | samples |", "|---|---|---|---|"]
    counts = [Counter(each.license or NOT_GIVEN for each in things) for things in (models, photos)]
    for name in sorted(counts[0].keys() | counts[1].keys(), key=lambda name: (name != NOT_GIVEN, name)):
        held = sum(count for names, count in samples.items() if name in names)
        lines.append(f"| {_cell(name)} | {counts[0][name]:,} | {counts[1][name]:,} | {held:,} |")
    warnings = _warnings(models, photos, samples)
    text = "\n".join(lines) + "\n\nA sample counts for the license of every model and photo in it."
    listed = "\n".join(f"- {warning}" for warning in warnings) or "Nothing in these names forbids passing it on."
    return f"## Licenses\n\n{text}\n\n### To be looked at\n\n{listed}"


def _warnings(models: list[Thing], photos: list[Thing], samples: Counter[tuple[str, ...]]) -> list[str]:
    found = []

    def warn(holds: Callable[[str], bool], what: str, then: str) -> None:
        its = [[each for each in things if holds(each.license)] for things in (models, photos)]
        count = sum(number for names, number in samples.items() if any(holds(_given(name)) for name in names))
        if count:
            which = " and ".join(
                f"{_number(len(things), noun)} ({_names(things)})"
                for things, noun in zip(its, ("model", "photo"), strict=True)
                if things
            )
            found.append(f"**{what}:** {which}, in {_number(count, 'sample')}. {then}")

    def asks(test: Callable[[Terms], bool]) -> Callable[[str], bool]:
        return lambda license_: bool(license_) and test(terms_of(license_))

    warn(lambda license_: not license_, "No license given", "Find out before you pass this data set on.")
    warn(asks(lambda t: t.no_derivatives), "No changes allowed", "A composite is a change: leave them out.")
    warn(asks(lambda t: t.restricted), "Restricted use", "Fan art, editorial or personal use: read their terms.")
    warn(asks(lambda t: t.non_commercial), "No commercial use", "These samples may not be used commercially.")
    warn(asks(lambda t: bool(t.family)), "Share alike", "Pass these samples on only under that license.")
    warn(asks(lambda t: not t.recognized), "Not recognized", "Read what these licenses ask for.")
    clashes: Counter[tuple[str, str]] = Counter()
    for names, count in samples.items():
        pair = cannot_be_joined(map(_given, names))
        if pair:
            clashes[pair] += count
    for (one, other), count in clashes.most_common():
        found.append(
            f"**Cannot be joined:** {_number(count, 'sample')} with {one} and {other} in one picture: the first asks "
            "for itself on the whole, the second does not allow that."
        )
    if found:
        found.append("`composite.licenses` in the recipe builds only from licenses that you name.")
    return found


def _attribution(models: list[Thing], photos: list[Thing]) -> str:
    """Return whom licenses such as CC-BY ask to name, one line for each source and license."""
    credits: dict[tuple[str, str], list[str]] = defaultdict(list)
    for thing in (*models, *photos):
        if terms_of(thing.license).attribution:
            credits[thing.source, thing.license].append(thing.name)
    if not credits:
        return ""
    lines = []
    for (source, license_), names in sorted(credits.items())[:_LONGEST_TABLE]:
        who = source.strip() or "**author not given**"
        lines.append(f"- {_cell(who)}: {_few(names, _MAX_CREDITS)} ({license_})")
    if len(credits) > _LONGEST_TABLE:
        lines.append(f"- and {len(credits) - _LONGEST_TABLE:,} more; all of them are in the metadata files")
    return "## Attribution\n\nPass this list on with the data; these licenses ask for it.\n\n" + "\n".join(lines)


def _table(title: str, what: str, things: list[Thing]) -> str:
    behind = any(thing.behind for thing in things)
    head = [what, "samples", *(["behind another"] if behind else []), "license", "source"]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for thing in things[:_LONGEST_TABLE]:
        more = f" ({len(thing.variants)} variants)" if len(thing.variants) > 1 else ""
        counts = ", ".join(f"{split} {thing.samples[split]}" for split in SPLITS if thing.samples[split])
        cells = [_cell(thing.name) + more, counts, *([str(thing.behind or "")] if behind else [])]
        cells += [_cell(thing.license) or NOT_GIVEN, _cell(thing.source)]
        lines.append(f"| {' | '.join(cells)} |")
    text = f"## {title}\n\n" + "\n".join(lines)
    if len(things) > _LONGEST_TABLE:
        text += f"\n\nand {len(things) - _LONGEST_TABLE:,} more; all of them are in the metadata files."
    return text


def _given(name: str) -> str:
    return "" if name == NOT_GIVEN else name


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _names(things: Sequence[Thing]) -> str:
    return _few([thing.name for thing in things])


def _few(names: Sequence[str], most: int = _MAX_NAMES) -> str:
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(map(_cell, names[:most])) + more


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
