"""What is done with folders: init, inspect, verify, clean, export_dataset, views; and doctor."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from synthmat.stage import StageResult
from synthmat.storage.output_folder import OutputFolder

if TYPE_CHECKING:
    from synthmat.cleaning import Removable
    from synthmat.verification.findings import VerifyReport


def init(folder: str | Path = ".", start: str = "own_models") -> Path:
    """Write a ready recipe, its JSON Schema and the folders that it reads from; return the recipe's path.

    Args:
        folder: Where; it is made if it is not there.
        start: Which ready recipe; see `synthmat.recipe.ready.ready_recipes`.

    Raises:
        OutputError: There is a recipe already.
        RecipeError: There is no such ready recipe.

    Example:
        >>> path = init("my_objects")
        >>> sorted(each.name for each in path.parent.iterdir())
        ['models', 'photos', 'recipe.schema.json', 'recipe.yaml']
    """
    from synthmat.recipe.ready import write_starter

    return write_starter(Path(folder), start)


def inspect(folder: str | Path) -> list[Path]:
    """Write contact sheets and HTML pages for whatever stages' output lies in ``folder``; return their paths.

    ``folder`` may be an output folder, one stage's folder in it, or a folder of predictions.

    Example:
        >>> pages = inspect("output/toys/dataset")
        >>> [page.name for page in pages]
        ['contact_sheet.png', 'index.html']
    """
    from synthmat.report.inspect import inspect as inspect_folder

    return inspect_folder(Path(folder).absolute())


def compare_pictures(folder: str | Path, beside: str | Path) -> str:
    """Return a table of numbers of two sets of pictures beside each other, the largest differences first.

    How much is covered and cut off by the edges, sharpness, noise and color inside and outside, contrast at the
    boundary; and how well patches of 5 by 5 pixels tell object from background, which should be no better in composites
    than in photographs.

    Args:
        folder: A data set of ours or in any layout.
        beside: Another one, or a folder of photographs without mattes, of which less can be measured.

    Raises:
        AssetError: A folder is not there, or has no picture that can be read.
        RecipeError: A folder has no picture at all.

    Example:
        >>> print(compare_pictures("output/toys/dataset", "photos").splitlines()[0])
        output/toys/dataset: 7 pictures; photos: 2
    """
    from synthmat.report.beside import beside as compare

    return compare(Path(folder), Path(beside))


def verify(
    folder: str | Path, *, limit: int | None = None, workers: int | None = None, quiet: bool = True
) -> VerifyReport:
    """Check everything that an output folder claims: files, checksums, mattes, matting equation, trimaps, splits.

    See `synthmat.verification.verify.verify` for the arguments and errors; ``.well`` and ``.text`` of the result say
    what came of it.

    Example:
        >>> report = verify("output/toys")
        >>> isinstance(report.well, bool), "checksum" in report.text
        (True, True)
    """
    from synthmat.verification.verify import verify as verify_folder

    return verify_folder(Path(folder).absolute(), limit=limit, workers=workers, quiet=quiet)


def removable(folder: str | Path) -> Removable:
    """Return what `clean` would remove from an output folder; ``.text`` says it for people, ``.files`` lists it.

    Raises:
        OutputError: There is no output in the folder.

    Example:
        >>> removable("output/toys").files
        []
    """
    from synthmat.cleaning import find_removable

    return find_removable(OutputFolder(Path(folder).absolute()))


def clean(folder: str | Path) -> Removable:
    """Remove frames and samples of other settings that are kept aside, and files that no list has; return them.

    Raises:
        OutputError: There is no output in the folder, or a run writes there.

    Example:
        >>> clean("output/toys").files
        []
    """
    from synthmat.cleaning import clean as clean_folder

    return clean_folder(OutputFolder(Path(folder).absolute()))


def export_dataset(
    folder: str | Path,
    layout: str,
    to: str | Path | None = None,
    *,
    copy: bool = False,
    samples_per_shard: int = 1000,
    shard_megabytes: float = 1000.0,
    alpha_bits: int = 8,
    quiet: bool = True,
) -> tuple[StageResult, Path]:
    """Write a data set in a public layout; return what was done, and the export's folder.

    See `synthmat.dataset_export.export_dataset` for the arguments and errors. The last three are for WebDataset: the
    size of its shards, and whether alpha of 16 bits stays so.

    Example:
        >>> result, target = export_dataset("output/toys", "coco")
        >>> result.made > 0, target.name
        (True, 'coco')
    """
    from synthmat import dataset_export
    from synthmat.layouts.outputs import ExportOptions

    source = Path(folder).absolute()
    target = dataset_export.default_target(source, layout) if to is None else Path(to).absolute()
    options = ExportOptions(samples_per_shard, shard_megabytes, alpha_bits)
    result = dataset_export.export_dataset(source, layout, target, copy=copy, options=options, quiet=quiet)
    result.folder, result.paths = target, [target / dataset_export.LIST]
    return result, target


def export_to_store(
    folder: str | Path,
    layout: str,
    address: str,
    *,
    samples_per_shard: int = 1000,
    shard_megabytes: float = 1000.0,
    alpha_bits: int = 8,
    quiet: bool = True,
) -> StageResult:
    """Write a data set in a public layout into an object store, and return what was done; see `export_dataset`.

    Args:
        folder: A data set, or the output folder it lies in.
        layout: One of `synthmat.layouts.exportable`; ``webdataset`` is made for it.
        address: For example ``s3://bucket/shards``; needs fsspec's package for that kind of store.
        samples_per_shard: Of WebDataset.
        shard_megabytes: Of WebDataset.
        alpha_bits: Of WebDataset.
        quiet: Show no progress.

    Raises:
        OutputError: There is no data set, or the store fails or holds something else.
        MissingDependencyError: fsspec's package for this kind of store is not installed.

    Example:
        >>> result = export_to_store("output/toys", "webdataset", "memory://shards")
        >>> result.made > 0
        True
    """
    from synthmat.layouts.outputs import ExportOptions
    from synthmat.object_store.export import export_into_store

    options = ExportOptions(samples_per_shard, shard_megabytes, alpha_bits)
    return export_into_store(Path(folder), layout, address, options, quiet=quiet)


def doctor() -> tuple[str, bool]:
    """Return a report of what is installed and what is missing, and whether everything needed is there.

    Example:
        >>> text, well = doctor()
        >>> text.splitlines()[0]
        'Python'
    """
    from synthmat.environment_report import environment_report

    return environment_report()


def views(
    panoramas: str | Sequence[str], out: str | Path, *, count: int = 12, size: int = 512, seed: int = 0
) -> list[Path]:
    """Write perspective views of panoramas as JPEG files, photographs of places for ``composite.backgrounds``.

    They are exposed for their mean brightness; highlights are rolled off. A panorama of 1,024 pixels holds about 170 of
    them in a view of 60 degrees, and one of 8,192 eight times that.

    Args:
        panoramas: Files, folders or patterns (``.hdr``, ``.exr``), names of Blender's own panoramas, or ``all``.
        out: A folder; each panorama gets one of its own in it, so that ``scenes: folder`` keeps it in one split.
        count: Views of each, all around.
        size: Edge of a view, pixels.
        seed: Of where the camera looks.

    Raises:
        AssetError: A panorama is not there, is broken, or is none.

    Example:
        >>> [path.name for path in views("city", "photos", count=2, size=64)]
        ['city_00.jpg', 'city_01.jpg']
    """
    from synthmat.panorama_views import write_views

    given = [panoramas] if isinstance(panoramas, str) else panoramas
    made = write_views(given, Path(out), count=count, size=(size, size), seed=seed)
    return [path for of_one in made for path in of_one]
