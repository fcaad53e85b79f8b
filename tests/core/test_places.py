"""Codes of places, categories, components and matters; scopes; old codes."""

import pickle

import pytest

from gewu.core.places import (
    LEGACY_EVENT_MAJORS,
    CategoryKey,
    CategoryKind,
    CodeError,
    ComponentId,
    MatterCode,
    PlaceCode,
    PlaceLevel,
    Scope,
    legacy_event_category,
)

DISTRICT, STREET, COMMUNITY, GRID = "500101", "500101001", "500101001002", "500101001002003"


class TestPlaceCode:
    @pytest.mark.parametrize(
        ("text", "level", "parent", "ancestors"),
        [
            (DISTRICT, PlaceLevel.DISTRICT, None, ()),
            (STREET, PlaceLevel.STREET, DISTRICT, (DISTRICT,)),
            (COMMUNITY, PlaceLevel.COMMUNITY, STREET, (DISTRICT, STREET)),
            (GRID, PlaceLevel.GRID, COMMUNITY, (DISTRICT, STREET, COMMUNITY)),
        ],
    )
    def test_the_length_tells_level_and_parents(
        self, text: str, level: PlaceLevel, parent: str | None, ancestors: tuple[str, ...]
    ) -> None:
        code = PlaceCode(text)
        assert (code, code.level, code.parent, code.ancestors) == (text, level, parent, ancestors)
        assert code.district == DISTRICT
        assert len(code) == level.digits
        assert all(type(above) is PlaceCode for above in code.ancestors)

    def test_a_place_at_another_level(self) -> None:
        assert PlaceCode(GRID).at(PlaceLevel.STREET) == STREET
        assert PlaceCode(STREET).at(PlaceLevel.STREET) == STREET
        assert PlaceCode(STREET).at(PlaceLevel.GRID) is None

    def test_a_place_contains_itself_and_what_lies_in_it(self) -> None:
        street = PlaceCode(STREET)
        assert [street.contains(other) for other in (STREET, GRID, DISTRICT, "500101002", "500101002001")] == [
            True, True, False, False, False,
        ]  # fmt: skip

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "50010",
            "5001011",
            "50010100100200",
            "5001010010020031",
            "50010a",
            "５００１０１",
            "500101 ",
            "-50010",
            "٥٠٠١٠١",
        ],
    )
    def test_anything_else_is_refused_by_name(self, text: str) -> None:
        with pytest.raises(CodeError, match="place code"):
            PlaceCode(text)

    @pytest.mark.parametrize(
        ("text", "meant"),
        [
            ("500101001000", STREET),
            ("500101001000000", "500101001"),
            ("500101000", DISTRICT),
            ("500101000001", DISTRICT),
        ],
    )
    def test_a_code_filled_up_with_zeros_is_refused_with_what_was_meant(self, text: str, meant: str) -> None:
        with pytest.raises(CodeError, match=f'so "{meant}"'):
            PlaceCode(text)

    def test_text_from_outside_may_have_spaces_around_it(self) -> None:
        assert PlaceCode.parse(f" {STREET}\n") == STREET

    def test_it_is_text_and_stays_a_code_when_copied(self) -> None:
        assert f"{PlaceCode(STREET)}" == STREET
        assert pickle.loads(pickle.dumps(PlaceCode(STREET))).level is PlaceLevel.STREET


class TestCategories:
    def test_a_key_has_kind_and_code(self) -> None:
        key = CategoryKey.parse("matter:06012")
        assert key == CategoryKey(CategoryKind.MATTER, "06012")
        assert (str(key), key.major) == ("matter:06012", "06")
        assert CategoryKey.parse("component:06012") != key

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("06012", "kind and code"),
            ("event:06012", 'must be "component" or "matter"'),
            ("matter:6012", "must have 5"),
            ("matter:0601２", "digits 0-9"),
            ("matter:", "digits 0-9"),
        ],
    )
    def test_anything_else_is_refused(self, text: str, said: str) -> None:
        with pytest.raises(CodeError, match=said):
            CategoryKey.parse(text)

    def test_a_component_has_17_digits(self) -> None:
        component = ComponentId.parse("50010101001000042")
        assert component.district == DISTRICT
        assert (component.category, component.sequence) == (CategoryKey.parse("component:01001"), "000042")
        assert str(component) == "50010101001000042"

    def test_a_matter_code_has_11_digits(self) -> None:
        matter = MatterCode.parse("50010106012")
        assert (matter.district, matter.category) == (DISTRICT, CategoryKey.parse("matter:06012"))
        assert str(matter) == "50010106012"

    @pytest.mark.parametrize("text", ["", "5001010601", "500101060123", "5001010100100004", "5001010100100004x"])
    def test_other_lengths_are_refused(self, text: str) -> None:
        with pytest.raises(CodeError, match="component id"):
            ComponentId.parse(text)
        with pytest.raises(CodeError, match="matter code"):
            MatterCode.parse(text)


class TestScope:
    def test_prefixes_and_areas_cover(self) -> None:
        scope = Scope.parse("500101001 500101002003 area:east-park")
        assert scope.covers(STREET)
        assert scope.covers(GRID)
        assert scope.covers("500101002003001")
        assert not scope.covers("500101002004")
        assert not scope.covers(DISTRICT)
        assert scope.covers("500101009", ["west-park", "east-park"])
        assert not scope.covers("500101009", ["west-park"])

    def test_an_unknown_place_is_covered_by_area_only(self) -> None:
        assert not Scope.parse(DISTRICT).covers("")
        assert Scope.parse("area:east-park").covers("", {"east-park"})

    def test_nothing_covers_nothing(self) -> None:
        assert not Scope.parse(" ").covers(GRID, ["east-park"])

    def test_a_body_above_the_district_has_a_short_prefix(self) -> None:
        assert Scope.parse("50").covers(GRID)
        assert not Scope.parse("5111").covers(GRID)

    def test_it_is_written_as_it_is_read(self) -> None:
        scope = Scope.parse("500101001  area:b 500101001 area:a")
        assert str(scope) == "500101001 area:a area:b"
        assert Scope.parse(str(scope)) == scope

    @pytest.mark.parametrize("text", ["*", "5", "50010", "5001010", "500101000", "area:", "500101001,500101002"])
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(CodeError, match=r"scope|place code"):
            Scope.parse(text)


class TestOldEventCodes:
    @pytest.mark.parametrize(
        ("old", "new"),
        [("0136", "06036"), ("01-36", "06036"), ("0201", "07001"), ("0310", "08010"), ("0505", "09005")],
    )
    def test_majors_move_and_minors_are_filled_up(self, old: str, new: str) -> None:
        assert legacy_event_category(old) == CategoryKey(CategoryKind.MATTER, new)

    @pytest.mark.parametrize("old", ["0401", "2101", "0131", "0205", "0507"])
    def test_what_has_no_successor_has_none(self, old: str) -> None:
        assert legacy_event_category(old) is None

    @pytest.mark.parametrize("old", ["", "136", "01036", "01-3", "0a36", "01--36"])
    def test_anything_else_is_refused(self, old: str) -> None:
        with pytest.raises(CodeError, match="old event code"):
            legacy_event_category(old)

    def test_the_table_cannot_be_changed(self) -> None:
        with pytest.raises(TypeError):
            LEGACY_EVENT_MAJORS["04"] = "90"
