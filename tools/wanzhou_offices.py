"""Units, posts and responsibility of the Wanzhou pack.

Bodies that the newspaper articles name carry the article as their source and its dates; everything else is marked as
an assumption. Where an article tells of a change without a day, its own date stands in and the source says so.
No person is named: posts are named by their function.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DISTRICT = "500101"
ZONE = "area:etdz"
GOVERNANCE_SOURCE = "Kan Wanzhou, 2024-11-27"
GUESS = "assumption"
Row = tuple[str, ...]

UNIT_COLUMNS = (
    "code", "parent", "kind", "name_zh", "name_en", "place", "calendar", "accounts", "valid_from", "valid_to", "source",
    "work_phone",
)  # fmt: skip
POST_COLUMNS = (
    "code", "unit", "role", "login", "name_zh", "name_en", "scope", "valid_from", "valid_to", "source", "successor",
    "work_phone", "released_zh", "released_en", "released_basis", "released_on",
)  # fmt: skip
RULE_COLUMNS = ("kind", "category", "place", "owner", "unit", "queue", "source")


@dataclass(frozen=True, slots=True)
class Street:
    """A street or town as the offices need it. ``urban`` streets have an enforcement squad of their own."""

    code: str
    slug: str
    name_zh: str
    name_en: str
    urban: bool

    @property
    def everyday_unit(self) -> str:
        """Who keeps order and appearance here."""
        return f"squad-{self.slug}" if self.urban else f"office-{self.slug}"


UNITS_FILE = Path(__file__).with_name("wanzhou_units.csv")  # the bodies that exist once in the district

# Who does not keep office hours: by kind of unit, or by the beginning of its code.
CALENDARS = {
    "enforcement": "squad",
    "police": "duty",
    "rescue": "duty",
    "sanitation-": "sanitation",
    "etdz-city": "squad",
    "etdz-crew": "sanitation",
}
DESK_UNITS = ("governance-centre", "governance-committee-office", "area-contact-office")

# A facility whose type tells who looks after it, as owner: codes.
TYPE_OWNERS = {
    "water": "01001 01025 01068",
    "drainage": "01002 01003 01004 01019 01055 01072 01073",
    "power": "01005 01017 01028 01029 01030 01047 01048 01054",
    "lighting": "01006 01037 01038 01039 01060",
    "telecom": "01007 01009 01027 01031 01041 01062",
    "cable_tv": "01008",
    "gas": "01011 01049 01057",
    "oil_gas_pipeline": "01021 01036",
    "police": "01012 01050 01051 01066",
    "fire_rescue": "01013",
    "landscaping": "01014",
    "traffic_police": "01015 02010 02011 02014 02015 02016 02017 02018 02019 02020 02022 02033",
    "sanitation": "01018",
    "transit": "01020 01032 02004",
    "transport": "02005 02028 02030 02031 02032 02044",
    "water_authority": "01024 01067 01069 01070 01071",
    "post": "01042",
    "unknown": "01023 01034",
    "railway": "02042",
    "municipal": "01010 01022 01026 01033 01056 01061 01077",
}
# Covers, gratings, poles and cabinets: whoever owns the single piece looks after it, whatever its type says.
BY_PIECE = (
    "01001 01002 01003 01004 01005 01006 01007 01008 01009 01010 01011 01012 01014 01015 01017 01018 01019 01020 01021 "
    "01022 01023 01026 01027 01030 01031 01032 01033 01034 01056 01077"
)
PIECE_OWNERS = (
    "municipal drainage lighting landscaping water power telecom cable_tv gas police traffic_police property_manager "
    "unknown"
)
OWNER_UNITS = {
    "municipal": "municipal-works",
    "drainage": "drainage-section",
    "lighting": "lighting-section",
    "landscaping": "landscaping-section",
    "sanitation": "sanitation-section",
    "water": "water-company",
    "power": "power-company",
    "telecom": "telecom-desk",
    "cable_tv": "cable-tv-company",
    "gas": "gas-company",
    "heat": "municipal-works",
    "oil_gas_pipeline": "economy-information-commission",
    "traffic_police": "traffic-police",
    "police": "public-security-bureau",
    "fire_rescue": "fire-rescue-detachment",
    "transport": "transport-bureau",
    "transit": "transit-company",
    "railway": "railway-body",
    "water_authority": "water-resources-bureau",
    "post": "post-company",
    "courier": "postal-administration",
    "bike_share": "transport-bureau",
    "property_manager": "housing-construction-commission",
    "private": "enforcement-detachment",
    "unknown": "ownerless-queue",
}
# Who answers when nothing more specific holds, by kind and major.
MAJORS = {
    "* 01": "municipal-works",
    "* 02": "municipal-works",
    "* 03": "sanitation-section",
    "* 04": "landscaping-section",
    "* 05": "urban-management-bureau",
    "matter 06": "enforcement-detachment",
    "matter 07": "enforcement-detachment",
    "matter 08": "housing-construction-commission",
    "matter 09": "enforcement-detachment",
    "matter 10": "municipal-works",
    "matter 90": "municipal-works",
}
# Everyday order and appearance belongs to the squad or office of the street.
STREET_MAJORS = ("06", "07", "09")
SPECIAL = {
    "* sanitation-section": "03001 03002 03003 03004 03005 03014",
    "* urban-management-bureau": "03006 03007 03008",
    "* ecology-bureau": "03009 03010 03011 03012 03013",
    "* housing-construction-commission": "01076 05002",
    "* economy-information-commission": "05003",
    "* culture-commission": "02037 05009",
    "* civil-affairs-bureau": "02012 02013 02036",
    "* public-security-bureau": "02038 02039",
    "* planning-resources-bureau": "04014",
    "matter sanitation-section": "06010 06011 06012 06014 06015 06025 06032 06037 06041 06042 10001",
    "matter landscaping-section": "06017 06018 06021 06022 06045 06047 90005",
    "matter municipal-works": "06013 06048 06049 06050 06051 06052 08014 09017",
    "matter traffic-police": "06016 06034 09009 09014 09018",
    "matter water-resources-bureau": "06023 06024 06026 06046",
    "matter health-commission": "06033",
    "matter enforcement-detachment": "06039 07003 08001 08002 08003 08011 08012 08016",
    "matter market-supervision-bureau": "07004 09015",
    "matter commerce-commission": "09020",
    "matter civil-affairs-bureau": "09003",
    "matter culture-commission": "09008",
    "matter fire-rescue-detachment": "09012 90013",
    "matter water-company": "90001",
    "matter drainage-section": "90003 90014",
    "matter gas-company": "90004",
    "matter housing-construction-commission": "90006 90011",
    "matter power-company": "90007",
    "matter planning-resources-bureau": "90009",
    "matter emergency-bureau": "90010",
}
# Matters about lines and covers that follow the owner where one is known. Danger with no known owner does not wait in
# the queue for the ownerless: municipal works make it safe.
MATTER_OWNERS = {
    "06008": "power telecom cable_tv",
    "10002": "power telecom cable_tv lighting transit traffic_police police",
    "90012": "water drainage power telecom cable_tv gas lighting",
}
ZONE_RULES = {
    "etdz-city-management": "06 07 09 06010 06011 06012 06013 06014 06017 06018 06037 06042 06049 06050 07003",
    "etdz-construction": "08 08001 08002 08003 08011 08012",
}

# The collectors' territories, as last three digits of street codes; each has two posts.
ROUNDS = (
    "001 017", "018 020 027", "019 022 029", "021 028", "023 109", "024 025 026", "145 146 147 132", "144 136 135 201",
    "142 143 141 212", "110 154 244", "158 138 139", "137 123 227 225", "149 226 148 247", "150 152 153 156 155",
    "151 157 234 239 237 238",
)  # fmt: skip


def units(streets: list[Street]) -> Iterator[Row]:
    """All units: the district's, then office, governance centre and squad of every street."""
    with UNITS_FILE.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            keys = [key for key in CALENDARS if key == row["kind"] or row["code"].startswith(key)]
            calendar = CALENDARS[keys[0]] if keys and row["accounts"] == "1" else ""
            place = "" if row["kind"] == "city_body" else DISTRICT
            yield tuple({**row, "place": place, "calendar": calendar}[column] for column in UNIT_COLUMNS[:-1])
    codes = "national code table of 2023; the office follows from the street"
    centre = f"{GOVERNANCE_SOURCE}: second level of the centre; it works through the posts of the office"
    for street in streets:
        office = f"office-{street.slug}"
        body = ("街道办事处", "Street Office") if street.urban else ("人民政府", "Government")
        stem_zh = street.name_zh.removesuffix("街道") if street.urban else street.name_zh
        stem_en = street.name_en.removesuffix(" Street")
        yield (
            office, "district-government", "street_office", stem_zh + body[0], f"{stem_en} {body[1]}", street.code, "",
            "1", "", "", codes,
        )  # fmt: skip
        yield (
            f"centre-{street.slug}", office, "governance_centre", f"{street.name_zh}基层治理指挥中心",
            f"{street.name_en} Governance Centre", street.code, "", "0", "", "", centre,
        )  # fmt: skip
        if street.urban:
            yield (
                f"squad-{street.slug}", office, "squad", f"{street.name_zh}综合行政执法中队",
                f"{street.name_en} Enforcement Squad", street.code, "squad", "1", "", "", GUESS,
            )  # fmt: skip


def posts(streets: list[Street], unit_rows: list[Row]) -> Iterator[Row]:
    """The desk, the collectors, then clerk and workers of every unit that handles cases."""
    yield from _desk()
    yield from _collectors(streets)
    for row in unit_rows:
        code, parent, kind, name_zh, name_en, place, accounts = *row[:6], row[7]
        if accounts == "0" or code in DESK_UNITS:
            continue
        scope = ZONE if kind == "zone" or parent.startswith("etdz") else "" if kind == "company" else place
        if kind != "crew":
            yield _post(f"clerk-{code}", code, "unit_clerk", (f"{name_zh}经办员", f"{name_en}, clerk"), scope)
        workers = 2 if kind in ("squad", "crew", "zone") or code in ("municipal-works", "sanitation-section") else 1
        for number in range(1, workers + 1):
            name = f"{name_zh}处置人员 {number}", f"{name_en}, worker {number}"
            yield _post(f"worker{number}-{code}", code, "worker", name, scope)


COMMUNITY_LOGINS = ("500101001007", "500101017001", "500101018001", "500101025001")
"""Communities whose clerk logs in, for the demo; the others' posts are there and vacant."""


def community_posts(
    streets: list[Street], clerks: list[tuple[str, str, str, str]], heads: list[tuple[str, str]]
) -> Iterator[Row]:
    """A clerk for every community (code, street, names) and heads of buildings (code, street) who log in."""
    slugs = {street.code: street.slug for street in streets}
    for code, street, name_zh, name_en in clerks:
        login = f"clerk-{code}" if code in COMMUNITY_LOGINS else ""
        names = f"{name_zh}干部", f"{name_en}, clerk"
        yield f"clerk-{code}", f"office-{slugs[street]}", "community_clerk", login, *names, code, "", "", GUESS
    for code, street in heads:
        names = f"楼栋长（{int(code[13:])} 号楼）", f"Head of Building {int(code[13:])}"
        login = f"head-{code}"
        yield login, f"office-{slugs[street]}", "building_head", login, *names, code[:12], "", "", GUESS


# A number that begins with 0000 behind the area code is given to nobody.
PHONE = "023-0000 {:04}"
PHONED_KINDS = ("street_office", "squad")
CHANGED = "clerk-500101001007"
CHANGED_ON = ("2025-06-30", "2025-07-01")
"""The post that changed hands: the last day of the one before and its own first day, to show how boards tell it."""


def with_phones(rows: list[Row]) -> list[Row]:
    """The units with the line of the office: of those that stand on a community's notice board."""
    numbers = iter(range(1001, 10_000))
    return [
        (*row, PHONE.format(next(numbers)) if row[2] in PHONED_KINDS or row[0] == "governance-centre" else "")
        for row in rows
    ]


def with_contacts(rows: list[Row]) -> Iterator[Row]:
    """The posts with telephones of community clerks who log in, one that changed hands, and one released name."""
    numbers = iter(range(7001, 10_000))
    for row in rows:
        phone = PHONE.format(next(numbers)) if row[2] == "community_clerk" and row[3] else ""
        if row[0] != CHANGED:
            yield (*row, "", phone, "", "", "", "")
            continue
        last, first = CHANGED_ON
        why = f"{GUESS}: shows how a post changes hands; name and number are samples"
        before = (f"{row[0]}-before", *row[1:3], "", f"{row[4]}（原）", f"{row[5]} (before)", row[6], "", last, why)
        yield (*before, row[0], "", "", "", "", "")
        yield (*row[:7], first, "", why, "", phone, "示例姓名", "Sample Name", "agreed", first)


def _post(code: str, unit: str, role: str, names: tuple[str, str], scope: str) -> Row:
    name_zh, name_en = names
    return code, unit, role, code, name_zh, name_en, scope, "", "", GUESS


def _desk() -> Iterator[Row]:
    for role, login, name_zh, name_en in (
        ("intake_officer", "intake", "受理员", "Intake officer"),
        ("shift_leader", "shift", "值班长", "Shift leader"),
        ("dispatcher", "dispatcher", "派遣员", "Dispatcher"),
    ):
        for number in (1, 2):
            names = f"{name_zh} {number}", f"{name_en} {number}"
            yield _post(f"{login}{number}", "governance-centre", role, names, DISTRICT)
    names = "经开区派遣员", "Development zone dispatcher"
    yield _post("dispatcher-etdz", "etdz-city-management", "dispatcher", names, ZONE)
    office = "governance-committee-office"
    yield _post("office1", office, "comprehensive_office", ("城综办值守岗", "Comprehensive office duty post"), DISTRICT)
    names = "包片联系办登记岗", "Area-contact registrar"
    yield _post("contact1", "area-contact-office", "area_contact_office", names, DISTRICT)
    yield _post("assessor1", office, "assessor", ("考评员 1", "Assessor 1"), DISTRICT)
    yield _post("admin", "governance-centre", "administrator", ("系统管理员", "System administrator"), DISTRICT)


def _collectors(streets: list[Street]) -> Iterator[Row]:
    known = {street.code for street in streets}
    number = 0
    for beat in ROUNDS:
        codes = [DISTRICT + tail for tail in beat.split()]
        known.difference_update(codes)
        for _ in range(2):
            number += 1
            names = f"监督员 {number}", f"Collector {number}"
            yield _post(f"collector{number}", "governance-centre", "collector", names, " ".join(codes))
    if known:
        raise ValueError(f"no collector for {', '.join(sorted(known))}")
    names = "机动监督员", "Reserve collector"
    yield _post("collector-reserve", "governance-centre", "collector", names, DISTRICT)
    names = "经开区监督员", "Development zone collector"
    yield _post("collector-etdz", "etdz-city-management", "collector", names, ZONE)


def rules(streets: list[Street]) -> Iterator[Row]:
    """Who answers for what. All of it is an assumption: the articles do not print a table of responsibility."""
    for key, unit in MAJORS.items():
        kind, major = key.split()
        yield _rule(kind, major, "*", "*", unit)
        if kind == "*":
            # Only utilities have a queue for the ownerless: every other facility has a public body behind it.
            for owner, body in OWNER_UNITS.items():
                if owner != "unknown" or major == "01":
                    yield _rule(kind, major, "*", owner, body)
    for owner, codes in TYPE_OWNERS.items():
        for code in codes.split():
            yield _rule("*", code, "*", "*", OWNER_UNITS[owner])
            if code in BY_PIECE:
                for other in PIECE_OWNERS.split():
                    if other == "unknown" or OWNER_UNITS[other] != OWNER_UNITS[owner]:
                        yield _rule("*", code, "*", other, OWNER_UNITS[other])
    for key, codes in SPECIAL.items():
        kind, unit = key.split()
        for code in codes.split():
            yield _rule(kind, code, "*", "*", unit)
    for code, named in MATTER_OWNERS.items():
        for owner in named.split():
            yield _rule("matter", code, "*", owner, OWNER_UNITS[owner])
    for major in STREET_MAJORS:
        for street in streets:
            yield _rule("matter", major, street.code, "*", street.everyday_unit)
    for unit, codes in ZONE_RULES.items():
        for code in codes.split():
            yield _rule("matter", code, ZONE, "*", unit)


def _rule(kind: str, category: str, place: str, owner: str, unit: str) -> Row:
    queue = "1" if unit == OWNER_UNITS["unknown"] else "0"
    return kind, category, place, owner, unit, queue, GUESS
