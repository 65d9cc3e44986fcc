"""What tests of faults share: a PostgreSQL database of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
_DATABASE = "leave_a_reply_faults"


@pytest.fixture
def postgres() -> Iterator[str]:
    """The address of an empty database of our own."""
    try:
        import psycopg

        server = psycopg.connect(POSTGRES, autocommit=True, connect_timeout=3)
    except (ImportError, OSError) as error:
        pytest.skip(f"Install PostgreSQL and psycopg, or name a server in TEST_POSTGRES_URL ({error}).")
    except psycopg.OperationalError as error:
        pytest.skip(f"Install and start PostgreSQL, or name a server in TEST_POSTGRES_URL ({error}).")
    with server:
        server.execute(f"DROP DATABASE IF EXISTS {_DATABASE} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {_DATABASE}")
        yield f"{POSTGRES.rpartition('/')[0]}/{_DATABASE}"
        server.execute(f"DROP DATABASE {_DATABASE} WITH (FORCE)")
