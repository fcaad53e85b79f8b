"""A database with one role only: triggers guard the past, and ``gewu verify`` says that it is so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from support.packs import small_pack
from support.servers import Session


def _gewu(environment: dict[str, str], *arguments: str) -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, "-m", "gewu", *arguments, "--json"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    answer: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return answer


def test_triggers_guard_the_past_where_rights_cannot(database_session: Session, tmp_path: Path) -> None:
    name = f"{database_session.name}_single"
    with psycopg.connect(database_session.owner(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = database_session.owner(name)
    kept = {k: v for k, v in os.environ.items() if k != "GEWU_OWNER_DATABASE_URL"}
    environment = {**kept, "GEWU_DATABASE_URL": url}
    try:
        _gewu(environment, "migrate")
        _gewu(environment, "load", str(small_pack(tmp_path)))
        assert _gewu(environment, "verify")["single_role"] is True
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "INSERT INTO ledger_seal SELECT id, 1, now(), 0, 'a', 'b', 'c' FROM registry_district LIMIT 1"
            )
            for statement in (
                "UPDATE ledger_seal SET heads = 1",
                "DELETE FROM ledger_seal",
                "TRUNCATE ledger_event, ledger_sealedhead, ledger_seal",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
                    connection.execute(statement)
    finally:
        with psycopg.connect(database_session.owner(), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
