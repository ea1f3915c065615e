"""Profiles for hypothesis, and how many tests had to do without outside data."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.javascript import Javascript

settings.register_profile(
    "ci", max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("torture", max_examples=5000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")


def pytest_configure(config: pytest.Config) -> None:
    """Leave torture and integration to their own targets."""
    if not config.getoption("-m"):
        config.option.markexpr = "not torture and not integration"


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Return the folder of outside data, or skip saying why."""
    found = os.environ.get("SAMPLER_TEST_DATA", "")
    if not found:
        pytest.skip(reason="SAMPLER_TEST_DATA is not set: public vectors and real inspections are not at hand")
    return Path(found)


@pytest.fixture(scope="module")
def node() -> Iterator[Javascript]:
    """Start the JavaScript implementation, or skip saying why."""
    with Javascript.started() as found:
        yield found
