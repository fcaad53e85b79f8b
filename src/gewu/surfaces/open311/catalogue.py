"""Kinds of requests: the categories of the catalogue under codes that fit into an address, and what may be added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from gewu.registry.directory import Directory
from gewu.registry.entries import CategoryInfo
from gewu.surfaces.names import category_name

OTHER = "other"
"""The service of requests that nobody has sorted yet; the duty desk does."""
OWNER = "owner"
"""The attribute of a facility: whose it is. The one thing beyond the standard's own fields that a report can say."""
DESCRIPTION_MOST = 500


def code_of(category: str) -> str:
    """The service code of a category key: ``matter:06012`` is ``matter-06012``. It never changes."""
    return category.replace(":", "-", 1) if category else OTHER


def key_of(directory: Directory, code: str) -> str | None:
    """The category key of a service code, also of one that is retired; empty for ``other``, None when unknown."""
    if code == OTHER:
        return ""
    kind, _mark, number = code.partition("-")
    key = f"{kind}:{number}"
    return key if key in directory.categories else None


def offered(directory: Directory) -> list[str]:
    """The category keys that can be reported, in the order of the catalogue; the unsorted last."""
    return [*sorted(key for key, category in directory.categories.items() if category.active), ""]


def has_owner(category: str) -> bool:
    """Whether a service takes the owner: facilities have one, events have none."""
    return category.startswith("component:")


def service_name(directory: Directory, category: str, language: str) -> str:
    """What a kind of request is called."""
    return category_name(directory, category, language) if category else _("Something else")


def service(directory: Directory, category: str, language: str) -> dict[str, Any]:
    """A line of the list of services."""
    found = directory.categories.get(category)
    name = service_name(directory, category, language)
    return {
        "service_code": code_of(category),
        "service_name": name,
        "description": _description(directory, found, language),
        "metadata": has_owner(category),
        "type": "realtime",
        "keywords": ", ".join(_keywords(found, name)),
        "group": found.major_name(language) if found else _("Not sorted"),
    }


def _description(directory: Directory, found: CategoryInfo | None, language: str) -> str:
    """When it is taken up, in the words of its standards."""
    if found is None:
        return _("Everything that fits no other kind. The duty desk reads it and sorts it.")
    texts = [standard.filing[language] for standard in directory.standards_for(found.key)]
    joined = ("；" if language.startswith("zh") else "; ").join(text for text in texts if text)
    if not joined:
        return f"{found.name(language)} ({found.major_name(language)})"
    return joined if len(joined) <= DESCRIPTION_MOST else joined[: DESCRIPTION_MOST - 1] + "…"


def _keywords(found: CategoryInfo | None, name: str) -> list[str]:
    """Both languages, so that either finds it; commas part keywords and are not in them."""
    if found is None:
        return []
    words = [found.name_en, found.name_zh, found.major_name_en, found.major_name_zh, found.code]
    return list(dict.fromkeys(word.replace(",", " ") for word in words if word and word != name))


def definition(directory: Directory, category: str, language: str) -> dict[str, Any]:
    """What may be added to a request of this kind."""
    attributes = []
    if has_owner(category):
        attributes.append(
            {
                "variable": True,
                "code": OWNER,
                "datatype": "singlevaluelist",
                "required": False,
                "datatype_description": _("Choose one, or leave it out"),
                "order": 1,
                "description": _("Whose facility is it? It helps to find who has to repair it."),
                "values": [{"key": code, "name": owner.name(language)} for code, owner in directory.owners.items()],
            }
        )
    return {"service_code": code_of(category), "attributes": attributes}


def attributes_of(category: str) -> Mapping[str, str]:
    """Attribute codes of a service and the form fields they fill."""
    return {OWNER: "owner"} if has_owner(category) else {}
