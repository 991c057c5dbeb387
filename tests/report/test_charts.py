"""Charts as SVG that parses, with every value in it."""

from __future__ import annotations

import math
from xml.etree import ElementTree

import pytest

from synthmat.report.charts import bars, figure, histogram, lines, scatter


def test_a_histogram_counts_every_finite_value() -> None:
    svg = histogram([0.0, 0.1, 0.5, 1.0, math.nan], bins=10, limits=(0, 1))
    counts = [int(part.partition("<")[0].rpartition(" ")[2]) for part in svg.split("<title>")[1:]]
    assert sum(counts) == 4
    assert len(counts) == 10


@pytest.mark.parametrize("values", [[], [math.nan], [2.0], [0.0, 0.0]])
def test_values_that_make_no_range_make_no_trouble(values: list[float]) -> None:
    assert "nan" not in histogram(values)
    assert "nan" not in lines({"loss": list(enumerate(values))})
    assert "nan" not in lines({"loss": list(enumerate(values))}, log=True)


def test_no_counts_say_so() -> None:
    assert "nothing to show" in bars([0, 0], 0, 1)
    assert "nothing to show" in scatter([], (0, 1), (0, 1))


def test_lines_go_up_where_values_do() -> None:
    svg = lines({"a<b": [(1, 1.0), (2, 10.0), (3, 100.0)]}, log=True)
    points = svg.partition('points="')[2].partition('"')[0].split()
    heights = [float(point.partition(",")[2]) for point in points]
    assert heights[0] - heights[1] == pytest.approx(heights[1] - heights[2], abs=0.2)
    assert heights[0] > heights[2]
    assert "a&lt;b" in svg


def test_pictures_have_y_downwards() -> None:
    up, down = (scatter([(0.5, 0.1)], (0, 1), (0, 1), down=flag) for flag in (False, True))
    heights = [float(svg.partition("cy=")[2].split()[0]) for svg in (up, down)]
    assert heights[0] > heights[1]


def test_titles_are_escaped() -> None:
    assert "<script>" not in figure("<script>", "", "<script>")
    ElementTree.fromstring(lines({"x": [(0, 0), (1, 1)]}).replace("=img", '="img"').split("<line")[0] + "</svg>")
