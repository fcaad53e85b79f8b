"""When the database is away, the API says so in the one shape, and saves nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from gewu.home.ports import free_port

ASK = """
import json, django
django.setup()
from django.test import Client
client = Client(SERVER_NAME="localhost", raise_request_exception=False)
token = {"Authorization": "Bearer gewu_0123456789ab_x"}
found = []
for answer in (
    client.get("/api/v1/cases", headers=token),
    client.get("/api/v1/status"),
    client.post("/api/v1/cases/intakes", data={"form": {}}, content_type="application/json", headers=token),
    client.get("/api/v1/problems/database_away"),
):
    found.append([answer.status_code, answer.headers["Content-Type"], answer.headers.get("Retry-After"), answer.json()])
print(json.dumps(found))
"""


def test_without_its_database_the_api_answers_503_and_says_what_to_do() -> None:
    nowhere = f"postgresql://gewu_app@127.0.0.1:{free_port()}/gewu"
    environment = {**os.environ, "GEWU_DATABASE_URL": nowhere, "GEWU_OWNER_DATABASE_URL": nowhere}
    done = subprocess.run([sys.executable, "-c", ASK], env=environment, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    *refused, described = json.loads(done.stdout.splitlines()[-1])
    for status, content_type, retry_after, body in refused:
        assert (status, content_type, body["code"]) == (503, "application/problem+json", "database_away")
        assert retry_after == "5"
        assert "Nothing was saved" in body["detail"]
    assert described[0] == 200
