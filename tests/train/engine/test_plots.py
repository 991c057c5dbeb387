"""Curves of a training that can be read."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from synthmat.train.engine.plots import curves_figure


def test_legends_cover_no_curve():
    history = [
        {"epoch": epoch, "train_loss": 1 / epoch, "val_loss": 1.2 / epoch, "dice": 1 - 0.3 / epoch, "dice_mask": 0.9,
         "score": 1 / epoch, "learning_rate": 0.001}
        for epoch in range(1, 40)
    ]  # fmt: skip
    figure = curves_figure(history, "toys")
    FigureCanvasAgg(figure).draw()
    page = figure.bbox
    for axes in figure.axes:
        legend = axes.get_legend().get_window_extent()
        assert not legend.overlaps(axes.get_window_extent())
        assert page.contains(legend.x0, legend.y0)
        assert page.contains(legend.x1, legend.y1)
        for label in [axes.xaxis.label, *axes.get_xticklabels()]:
            assert not legend.overlaps(label.get_window_extent()), label
    assert np.isfinite(figure.get_size_inches()).all()
