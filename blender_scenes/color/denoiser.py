"""Intel's Open Image Denoise, from the library that Blender's wheel carries: the one that Cycles itself uses.

Called on pictures of our own making rather than by Cycles, which would denoise premultiplied color and so smear an
object's edge with the black around it. The C interface is described at https://www.openimagedenoise.org/documentation.html.
"""

from __future__ import annotations

import ctypes
import functools
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from synthmat.errors import SynthmatError

Float = npt.NDArray[np.float32]

_CPU, _FLOAT3 = 1, 3
_QUALITY_FAST = 4
"""At 512 x 512 it takes 0.4 s of a core in place of 0.9, and is as near to the truth on the mean of two halves."""
_NAMES = "libOpenImageDenoise.so*", "libOpenImageDenoise*.dylib"
_HANDLE, _TEXT, _SIZE = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t
_SIGNATURES = {
    "oidnNewDevice": (_HANDLE, [ctypes.c_int]),
    "oidnSetDeviceInt": (None, [_HANDLE, _TEXT, ctypes.c_int]),
    "oidnSetDeviceBool": (None, [_HANDLE, _TEXT, ctypes.c_bool]),
    "oidnCommitDevice": (None, [_HANDLE]),
    "oidnGetDeviceError": (ctypes.c_int, [_HANDLE, ctypes.POINTER(_TEXT)]),
    "oidnNewFilter": (_HANDLE, [_HANDLE, _TEXT]),
    "oidnSetSharedFilterImage": (None, [_HANDLE, _TEXT, _HANDLE, ctypes.c_int, *[_SIZE] * 5]),
    "oidnSetFilterBool": (None, [_HANDLE, _TEXT, ctypes.c_bool]),
    "oidnSetFilterInt": (None, [_HANDLE, _TEXT, ctypes.c_int]),
    "oidnCommitFilter": (None, [_HANDLE]),
    "oidnExecuteFilter": (None, [_HANDLE]),
    "oidnReleaseFilter": (None, [_HANDLE]),
}


def denoiser_available() -> bool:
    """Return whether this Blender brought the library along."""
    return _library() is not None


def denoise(color: Float, albedo: Float, normal: Float, *, threads: int) -> Float:
    """Return a picture without the noise of path tracing.

    Args:
        color: Straight linear color, float32 ``(H, W, 3)``, 0 and up, in every pixel of the picture.
        albedo: Color of the surfaces in 0..1, ``(H, W, 3)``; may be noisy.
        normal: Their normals in -1..1, ``(H, W, 3)``; may be noisy.
        threads: Processor threads; 0 takes all. The result does not depend on it.

    Returns:
        Float32 ``(H, W, 3)``.

    Raises:
        SynthmatError: There is no such library, or it failed.
    """
    library = _library()
    if library is None:
        raise SynthmatError("this Blender came without Open Image Denoise; set render.denoise to off")
    device = _device(threads)
    height, width = color.shape[:2]
    result = np.empty((height, width, 3), np.float32)
    pictures = {b"color": color, b"albedo": albedo, b"normal": normal}
    kept = {name: np.ascontiguousarray(pixels, np.float32) for name, pixels in pictures.items()} | {b"output": result}
    made = library.oidnNewFilter(device, b"RT")
    try:
        for name, pixels in kept.items():
            library.oidnSetSharedFilterImage(made, name, pixels.ctypes.data, _FLOAT3, width, height, 0, 0, 0)
        library.oidnSetFilterBool(made, b"hdr", True)
        library.oidnSetFilterInt(made, b"quality", _QUALITY_FAST)
        library.oidnCommitFilter(made)
        library.oidnExecuteFilter(made)
    finally:
        library.oidnReleaseFilter(made)
    _check(library, device)
    return result


@functools.cache
def _library() -> ctypes.CDLL | None:
    for path in _candidates():
        try:
            library = ctypes.CDLL(str(path))
            for name, (result, arguments) in _SIGNATURES.items():
                function = getattr(library, name)
                function.restype, function.argtypes = result, arguments
        except (OSError, AttributeError):
            continue
        return library
    return None


def _candidates() -> Iterator[Path]:
    """Yield the library's possible files in Blender's package."""
    found = importlib.util.find_spec("bpy")
    if found is not None and found.origin:
        package = Path(found.origin).parent
        for folder in (package / "lib", package):
            for pattern in _NAMES:
                yield from sorted(file for file in folder.glob(pattern) if "_" not in file.name)


@functools.cache
def _device(threads: int) -> int:
    library = _library()
    assert library is not None
    device: int = library.oidnNewDevice(_CPU)
    if threads > 0:
        library.oidnSetDeviceInt(device, b"numThreads", threads)
    library.oidnSetDeviceBool(device, b"setAffinity", False)
    library.oidnCommitDevice(device)
    _check(library, device)
    return device


def _check(library: ctypes.CDLL, device: int) -> None:
    message = ctypes.c_char_p()
    if library.oidnGetDeviceError(device, ctypes.byref(message)):
        raise SynthmatError(f"Open Image Denoise: {(message.value or b'unknown error').decode('utf-8', 'replace')}")
