"""Planned samples take a few bytes, and come in the order of their ids whatever their objects are called."""

from __future__ import annotations

import random
import tracemalloc

from synthmat.compositor.planning.entries import Entries, Entry, sample_id
from synthmat.compositor.planning.foregrounds import ForegroundCandidate
from synthmat.sample_job import Foreground

OBJECTS = ["a", "a_0000", "a_0", "a-b", "a.b", "ab", "b", "漢" * 70, "漢" * 71, "long" * 60, "long" * 60 + "a", "a_0_1"]
SPLIT = ("train", "val", "test")


def candidates(objects: list[str], views: int, clip: str = "") -> list[ForegroundCandidate]:
    return [
        ForegroundCandidate(Foreground(name, name, f"{view:04d}", "p", "s"), clip=clip, frame=view)
        for name in objects
        for view in range(views)
    ]


def planned(its: list[ForegroundCandidate], count: int = 3) -> Entries:
    return Entries.planned(
        its, lambda place: [(n, ("train", "val", "test")[n % 3], (place + n) % 5) for n in range(count)]
    )


def test_entries_are_sorted_by_id_whatever_objects_are_called():
    for clip in ("", "walk"):
        its = candidates(OBJECTS, 3, clip)
        random.Random(1).shuffle(its)
        entries = planned(its)
        expected = sorted(
            Entry(sample_id(each, n), SPLIT[n % 3], place, n, (place + n) % 5)
            for place, each in enumerate(its)
            for n in range(3)
        )
        assert list(entries) == expected
        assert [entries.find(entry.id) for entry in expected] == list(range(len(expected)))
        assert entries.find("a_9") == entries.find("") == entries.find("~") == -1


def test_numbers_of_four_digits_are_sorted_as_text_is():
    entries = planned(candidates(["a"], 1), 1002)
    assert [entry.id for entry in entries] == sorted(entry.id for entry in entries)
    assert entries[2].id == "a_0000_1000" or entries[101].id == "a_0000_1000"


def test_parts_of_them():
    entries = planned(candidates(["a", "b"], 2))
    everything = list(entries)
    by_photo = sorted(everything, key=lambda entry: (entry.photo, entry.candidate, entry.number))
    assert list(entries.by_photo()) == by_photo
    assert list(entries[2:5]) == everything[2:5]
    assert list(entries.evenly(5)) == [everything[len(everything) * at // 5] for at in range(5)]
    assert list(entries.evenly(0)) == []
    assert list(entries.where(lambda entry: entry.split == "val")) == [e for e in everything if e.split == "val"]
    assert [entry.split for entry in entries.divided(lambda _entry: "test")] == ["test"] * len(everything)
    assert {entry.split for entry in entries} == {"train", "val", "test"}
    assert entries[-1] == everything[-1]


def test_a_sample_takes_a_few_bytes():
    its = candidates(["a", "b"], 2)
    tracemalloc.start()
    entries = planned(its, 20_000)
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert taken / len(entries) < 20
