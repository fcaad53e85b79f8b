"""The description of the API, completed with what the framework does not know: problems, headers, examples."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from gewu.surfaces.api.outputs import ProblemFieldOut, ProblemOut
from gewu.surfaces.api.problems import MEDIA_TYPE

_SAID = {
    "400": "The request cannot be read",
    "401": "Nobody is logged in, or the token is not valid",
    "403": "The post may not do this",
    "404": "There is nothing here that the post may see",
    "405": "The address does not take this method",
    "409": "It moved on meanwhile, or the move is closed; `version` is the current one",
    "411": "The length of the body is not told",
    "413": "The body is too large",
    "415": "The content type is not taken",
    "422": "Something in the request is not right; `errors` names the fields",
    "428": "If-Match is missing",
    "429": "Too many attempts; see Retry-After",
    "503": "The database is away",
}
_WITH_BODY = ("409", "411", "413", "415", "422")
_HEADERS = {
    "ETag": {"description": "The version of the case or entry", "schema": {"type": "string"}},
    "Location": {"description": "The address of what was made", "schema": {"type": "string"}},
    "Idempotency-Replayed": {
        "description": "`true` when this is the answer of an earlier call with the same key",
        "schema": {"type": "string"},
    },
    "Link": {"description": 'The next page, rel="next"', "schema": {"type": "string"}},
}
_SENT = {
    "report": ("ETag", "Location", "Idempotency-Replayed"),
    "register_intake": ("ETag", "Location", "Idempotency-Replayed"),
    "fix_on_spot": ("ETag", "Location", "Idempotency-Replayed"),
    "split": ("ETag", "Location", "Idempotency-Replayed"),
    "make_move": ("ETag", "Idempotency-Replayed"),
    "merge": ("ETag", "Idempotency-Replayed"),
    "get_case": ("ETag",),
    "list_cases": ("Link",),
    "upload_photo": ("Location",),
    "public_report": ("Idempotency-Replayed",),
    "list_entries": ("Link",),
    "get_entry": ("ETag",),
    "make_entry": ("ETag", "Location", "Idempotency-Replayed"),
    "make_entry_move": ("ETag", "Idempotency-Replayed"),
    "upload_scan": ("Location",),
}


class GewuAPI(NinjaAPI):
    """Adds to every operation the problems it can answer with."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """The OpenAPI 3.1 document."""
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        schemas = schema["components"]["schemas"]
        schemas["ProblemFieldOut"] = ProblemFieldOut.model_json_schema()
        problem = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
        problem.pop("$defs", None)
        schemas["ProblemOut"] = problem
        for path, methods in schema["paths"].items():
            for method, operation in methods.items():
                _complete(path, method, operation)
        return schema


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    for name in _SENT.get(operation["operationId"], ()):
        for status, answer in answers.items():
            if str(status).startswith("2"):
                answer.setdefault("headers", {})[name] = _HEADERS[name]
    codes = ["400", "404", "405", "503"]
    if operation.get("security"):
        codes += ["401", "403"]
    else:
        operation["security"] = []
    if method != "get":
        codes += list(_WITH_BODY)
    if operation.get("parameters"):
        codes.append("422")
    names = {p["name"] for p in operation.get("parameters", ())}
    if "If-Match" in names:
        codes.append("428")
    if "/public/" in path or path.endswith("/session"):
        codes += ["429", "401", "403"]
    for code in sorted(set(codes)):
        if code not in {str(status) for status in answers}:
            content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
            answers[code] = {"description": _SAID[code], "content": content}
