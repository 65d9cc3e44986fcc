"""REQUIRE_ALL=1 turns each skip into a failure: what a laptop may skip, CI may not."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import pytest

_IS_REQUIRED = os.environ.get("REQUIRE_ALL", "") not in {"", "0"}


def _refuse(report: Any) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"REQUIRE_ALL=1 allows no skip, and this was to be one: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    report = yield
    if _IS_REQUIRED:
        _refuse(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    report = yield
    if _IS_REQUIRED:
        _refuse(report)
    return report
