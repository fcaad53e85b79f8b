"""Write ``categories.csv`` of the standard pack from a transcription of the national catalogue.

Usage: ``python tools/make_categories.py INPUT_DIR OUTPUT_CSV``

``INPUT_DIR`` holds ``catalogue.csv`` (columns ``kind, code, major_code, major_name_cn, minor_name_cn``) and
``case_standards.csv`` (one city's table under the older codes; columns ``kind, local_major, local_minor,
local_minor_name``). Codes and Chinese names are the catalogue's; the English names below are ours. The older code of
an entry is given only where it is known: for matters by the rule that the old event majors 01 to 04 became 06 to 09,
for components where the city's table has the same code under exactly the same name.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

SOURCE = "GB/T 47678.5-2026 (transcription, not the official text)"
LOCAL_SOURCE = "local extension: emergencies, which the national catalogue leaves out (assumption)"
COLUMNS = (
    "kind", "code", "major", "major_name_zh", "major_name_en", "name_zh", "name_en", "legacy_code", "local_extension",
    "source",
)  # fmt: skip

MAJORS = {
    ("component", "01"): "Municipal utilities",
    ("component", "02"): "Traffic facilities",
    ("component", "03"): "Appearance and sanitation facilities",
    ("component", "04"): "Landscaping facilities",
    ("component", "05"): "Other components",
    ("matter", "01"): "Problems with municipal utilities",
    ("matter", "02"): "Problems with traffic facilities",
    ("matter", "03"): "Problems with appearance and sanitation facilities",
    ("matter", "04"): "Problems with landscaping facilities",
    ("matter", "05"): "Problems with other components",
    ("matter", "06"): "City appearance and environment",
    ("matter", "07"): "Publicity and advertising",
    ("matter", "08"): "Construction management",
    ("matter", "09"): "Street order",
    ("matter", "10"): "Other matters",
}

COMPONENTS = """
01001 Water supply manhole cover
01002 Sewer manhole cover
01003 Storm drain manhole cover
01004 Storm drain grating
01005 Power manhole cover
01006 Street lighting manhole cover
01007 Telecom manhole cover
01008 Cable TV manhole cover
01009 Data network manhole cover
01010 District heating manhole cover
01011 Gas manhole cover
01012 Public security manhole cover
01013 Fire-fighting facility
01014 Landscaping manhole cover
01015 Traffic signal power manhole cover
01017 Cable duct manhole cover
01018 Septic tank manhole cover
01019 Reclaimed water manhole cover
01020 Public transport manhole cover
01021 Oil or gas pipeline manhole cover
01022 Special-purpose manhole cover
01023 Unidentified manhole cover
01024 Water well
01025 Water dispenser
01026 Trench cover
01027 Telecom cross-connection cabinet
01028 Power facility
01029 Power facility sign
01030 Power pole
01031 Telecom pole
01032 Public transport pole
01033 Special-purpose pole
01034 Unidentified pole
01035 Flagpole
01036 Oil or gas pipeline marker
01037 Street lamp
01038 Ground light
01039 Landscape light
01040 Newspaper kiosk
01041 Telephone booth
01042 Post box
01043 Information kiosk
01044 Vending kiosk
01045 Vending machine
01046 Outdoor fitness equipment
01047 High-voltage pylon
01048 Transformer (box)
01049 Gas pressure regulating station (box)
01050 Surveillance camera
01051 Public security booth
01052 Rest shelter
01053 Self-service payment machine
01054 Charging point
01055 Mosquito-proof drain gate
01056 River-crossing pipeline
01057 Above-ground gas pipe
01058 Clothes-drying rack
01059 Used-clothes collection bin
01060 Street lighting distribution box
01061 Above-ground heating pipe
01062 Telecom base station
01063 Water tower
01064 Memorial archway (gateway)
01065 Management responsibility notice board
01066 SOS emergency call point
01067 Flood monitoring facility
01068 Water filling standpipe
01069 Waterside facility
01070 Waterside railing
01071 Flood wall
01072 Drainage pumping station
01073 Storm water or sewage outfall
01074 Utility tunnel facility
01075 Parcel locker
01076 Public lift
01077 Multi-purpose pole
02001 Car park
02002 Multi-storey car park
02003 Parking payment device
02004 Bus stop facility
02005 Taxi stand
02006 Pedestrian footbridge
02007 Pedestrian underpass
02008 Flyover
02009 River bridge
02010 Traffic sign or road marking
02011 Height limit sign
02012 Street name sign
02013 Place name sign
02014 Traffic light
02015 Traffic signal facility
02016 Traffic police booth
02017 Traffic barrier
02018 Crash barrel
02019 Pedestrian refuge island
02020 Pedestrian crossing post
02021 Footway bollard
02022 Flexible lane divider
02023 Road information display
02024 Road noise barrier
02025 Bicycle and scooter parking area
02026 Bicycle hire point
02027 Bicycle rack
02028 Level crossing facility
02029 Jetty
02030 Waterway sign
02031 Harbour supervision facility
02032 Rail transit facility
02033 Convex traffic mirror
02034 Barrier-free facility
02035 Emergency shelter sign
02036 Aid station sign
02037 Heritage building plaque
02038 House (building) number plate
02039 Public security sign
02040 Scenic area sign
02041 Parking guidance display
02042 Railway bridge or culvert
02043 Speed bump
02044 Highway tunnel
03001 Public toilet
03002 Public toilet sign
03003 Septic tank
03004 Refuse room (building)
03005 Litter bin
03006 Outdoor advertising facility
03007 Shop or name sign
03008 Notice display board
03009 Weather monitoring station
03010 Environmental monitoring station
03011 Sewage outfall monitoring station
03012 Sewage monitor
03013 Noise display screen
03014 Sanitation tool room (box)
03015 Pet waste bag dispenser
03016 Cigarette bin or stub-out point
04001 Ancient or notable tree
04002 Street tree
04003 Solitary tree
04004 Tree guard
04005 Flower stand or planter
04006 Sculpture
04007 Street bench
04008 Green-space railing
04009 Green-space facility
04010 Fountain
04011 Tree pit
04012 Elevated-road hanging planter
04013 Green space
04014 Woodland or woodland facility
05002 Public housing basement
05003 Vehicle fuel, gas or charging station
05009 Cultural relic or historic site
"""

MATTERS = """
06001 Unauthorised building
06002 Unlicensed shop-front renovation
06003 Illegal ramp onto the road
06004 Soiled or damaged building facade
06005 Untidy balcony or roof facing the street
06006 Unauthorised bunting on a street-facing building
06007 Laundry or goods hung along the street
06008 Unauthorised pipes, cables or poles
06009 Air conditioner unit mounted too low
06010 Exposed rubbish
06011 Accumulated rubbish or spoil
06012 Dirty road
06013 Damaged road surface
06014 Spillage on the road
06015 Dirty sandbank or river beach
06016 Faded road markings
06017 Littered green space
06018 Green waste left behind
06019 Non-decorative objects hung in public
06020 Burning of rubbish or leaves
06021 Plant disease or pests
06022 Illegal tree felling
06023 Damaged embankment
06024 Disorder on the water
06025 Dirty water surface
06026 River pollution
06027 Cooking fume pollution
06028 Noise nuisance
06029 Open-air barbecue
06030 Improper discharge of sewage or waste water
06032 Irregular landfill
06033 Dumped medical waste
06034 Abandoned vehicle
06035 Abandoned furniture or equipment
06036 Disorderly heaps of belongings
06037 Animal carcass
06038 Unauthorised keeping of poultry or livestock
06039 Illegal access opened onto the road
06040 Private parking lock or bollard
06041 Unsorted household waste
06042 Overflowing refuse station or bin
06043 Damaged awning, canopy or parasol
06044 Damaged festive decoration
06045 Green space occupied or destroyed
06046 River channel occupied
06047 Disorder in a park
06048 Damaged slope or retaining wall
06049 Damaged steps
06050 Missing or damaged kerb
06051 Missing or damaged tactile paving
06052 Damaged barrier-free ramp
07001 Illegal small advertisements
07002 Handing out advertisements in the street
07003 Illegal outdoor advertising
07004 Non-standard language in advertising
07006 Illegal shop or name sign
07007 Illegal banners and slogans
07008 Damaged or missing public-interest display
08001 Construction nuisance to residents
08002 Construction occupying the road
08003 Road excavation without a permit
08004 Dust from a construction site
08005 Construction waste left behind
08006 Construction materials stacked in disorder
08007 Construction site hoarding problem
08008 Unpaved construction site road
08009 Damaged road at a site entrance
08010 Site not cleared after completion
08011 Spoil truck without a sealed cover
08012 Mud carried onto the road by site vehicles
08013 Illegal work suspended at height
08014 Exposed embedded fixings
08015 Soiled or damaged site notice board
08016 Construction without a permit
09001 Unlicensed mobile vendor
09002 Morning or night market problem
09003 Vagrancy and begging
09004 Disorderly scrap collection
09005 Trading beyond the shopfront
09006 Trading on the road
09008 Sale of illegal publications
09009 Disorderly motor vehicle parking
09010 Disorderly parking of bicycles and scooters
09011 Disorder of shared bicycles
09012 Fire lane occupied
09013 Slaughtering on the street
09014 Animal-drawn vehicle in the city
09015 Unlicensed catering
09016 Car park set up illegally
09017 Space under a bridge occupied illegally
09018 Tracked or iron-wheeled vehicle on the road
09019 Barrier-free path occupied
09020 Disorder at a farmers' market
09021 Vehicle washing on the road
09022 Promotion occupying the road
10001 Snow or ice on the road
10002 Fallen overhead cable
"""

EMERGENCY_MAJOR = ("90", "突发险情（本地扩展）", "Emergencies (local extension)")
EMERGENCIES = """
90001 供水管道爆裂 Burst water main
90002 路面塌陷 Road collapse
90003 道路积水内涝 Road flooding or ponding
90004 燃气异味或泄漏 Smell or leak of gas
90005 树木倒伏阻断道路 Fallen tree blocking the road
90006 墙体、围挡倒塌 Collapsed wall or hoarding
90007 带电线路断落 Live wire down
90008 道路空洞外露 Exposed cavity in the road
90009 山体滑坡、落石压占道路 Landslide or rockfall on the road
90010 油品、化学品泄漏路面 Oil or chemical spill on the road
90011 建筑外立面、悬挂物坠落 Falling facade or suspended object
90012 窨井敞开无盖 Open shaft without a cover
90013 消防通道堵塞影响救援 Blocked fire lane hindering a rescue
90014 污水管涌冒、倒灌 Sewer surge or backflow
"""

# Old event majors of GB/T 30428.2-2013 and the last minor each of them had nationally; the city's own additions are
# numbered downwards from 99 and are no national codes.
OLD_MATTER_MAJORS = {"06": ("01", 38), "07": ("02", 7), "08": ("03", 12), "09": ("04", 10)}
MOVED_COMPONENTS = {"01069": "05-06", "01070": "05-07", "01071": "05-08"}


def table(text: str) -> dict[str, str]:
    """Lines of ``CODE rest`` as a mapping."""
    return dict(line.split(" ", 1) for line in text.strip().splitlines())


def read(path: Path) -> list[dict[str, str]]:
    """All rows of a CSV file with a header."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def legacy_components(city_rows: list[dict[str, str]]) -> dict[tuple[str, str], str]:
    """Old component codes by (code in the new form, exact Chinese name)."""
    return {
        (f"{row['local_major']}{row['local_minor']:0>3}", row["local_minor_name"]): (
            f"{row['local_major']}-{row['local_minor']}"
        )
        for row in city_rows
        if row["kind"] == "component"
    }


def legacy_matter(code: str) -> str:
    """Old event code of a matter of majors 06 to 09, or an empty string."""
    old, last = OLD_MATTER_MAJORS.get(code[:2], ("", 0))
    minor = int(code[2:])
    return f"{old}-{minor:02d}" if old and minor <= last else ""


def rows(input_dir: Path) -> list[tuple[str, ...]]:
    """All rows of the table, components first, then matters, then the local major.

    Raises ``KeyError`` naming the code when the catalogue has an entry without an English name.
    """
    components, matters = table(COMPONENTS), table(MATTERS)
    old = legacy_components(read(input_dir / "case_standards.csv"))
    out: list[tuple[str, ...]] = []
    for row in read(input_dir / "catalogue.csv"):
        kind, code, name_zh = row["kind"], row["code"], row["minor_name_cn"]
        if kind == "component":
            name_en, legacy = components[code], MOVED_COMPONENTS.get(code, old.get((code, name_zh), ""))
        elif code in components:
            name_en, legacy = f"{components[code]} problem", ""
        else:
            name_en, legacy = matters[code], legacy_matter(code)
        major = row["major_code"]
        out.append(
            (kind, code, major, row["major_name_cn"], MAJORS[kind, major], name_zh, name_en, legacy, "0", SOURCE)
        )
    major, major_zh, major_en = EMERGENCY_MAJOR
    for code, names in table(EMERGENCIES).items():
        name_zh, name_en = names.split(" ", 1)
        out.append(("matter", code, major, major_zh, major_en, name_zh, name_en, "", "1", LOCAL_SOURCE))
    return out


def main(argv: list[str] | None = None) -> int:
    """Read the folder, write the file, say how many rows."""
    parser = argparse.ArgumentParser(description="Write categories.csv of the standard pack.")
    parser.add_argument("input_dir", type=Path, help="folder with catalogue.csv and case_standards.csv")
    parser.add_argument("output", type=Path, help="the file to write")
    options = parser.parse_args(argv)
    entries = rows(options.input_dir)
    with options.output.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(entries)
    sys.stdout.write(f"{options.output}: {len(entries)} categories\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
