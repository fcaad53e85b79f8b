"""Fifteen cases told by hand, through the door. What they come to is worked out in ``hand.md`` and ``hand.csv``.

Minutes count from 10:00 on Thursday, 19 November 2026, in Chongqing. The sanitation section works 04:30-11:00 and
13:30-21:00 every day; its limit for this category is two of its hours, so what it gets at 10:25 is due at 14:55.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from gewu.cases import services
from support import district as d

SANITATION, BUREAU = "sanitation-section", "urban-management-bureau"
APART = 0.0008
"""Degrees of longitude between two cases: 76 m, so that none is at the place of another."""
AS_OF = d.START_US // 1_000_000 + 42 * 86_400
"""Thursday, 31 December 2026, 10:00."""


@dataclass
class Told(d.Walk):
    """A case whose moves say at which minute they happen."""

    lon: float = d.POINT[0]
    name: str = ""

    def at(self, minute: float) -> Told:
        self.at_us = d.START_US + round(minute * 60_000_000)
        return self

    @property
    def where(self) -> services.Where:
        return services.Where(self.lon, d.POINT[1])

    def _made(self, made: services.Made) -> Told:
        self.record_id, self.number, self.place = made.outcome.record_id, made.number, made.position.place
        self.outcomes.append(made.outcome)
        return self

    def phone(self, minute: float = 0, **args: Any) -> Told:
        self.at(minute)
        intake = services.Intake(
            {"source": "phone", "category": d.CATEGORY, **args},
            {"description": "路面有油污", "reporter_name": "某人", "reporter_phone": "13800000000"},
            self.where,
        )
        return self._made(
            services.register_intake(d.district_id(), d.acting("intake_officer"), intake, at_us=self.at_us)
        )

    def found(self, minute: float = 0) -> Told:
        """By a collector on the round."""
        self.at(minute)
        intake = services.Intake(
            {"source": "collector", "category": d.CATEGORY}, {"description": "路面有油污"}, self.where
        )
        return self._made(services.report(d.district_id(), d.acting("collector"), intake, at_us=self.at_us))

    def web(self, minute: float = 0) -> Told:
        """By a resident on the public page."""
        self.at(minute)
        texts = {"description": "路面有油污", "reporter_phone": "13800000001"}
        intake = services.Intake({"source": "web", "category": d.CATEGORY}, texts, self.where)
        return self._made(services.report(d.district_id(), services.reporter("visit"), intake, at_us=self.at_us))

    def fixed(self, minute: float = 0) -> Told:
        self.at(minute)
        who = d.acting("collector")
        intake = services.Intake(
            {"category": d.CATEGORY, "standard": self.standard},
            {"description": "路面有油污"},
            self.where,
            (d.photo(who, "before"), d.photo(who, "after")),
        )
        return self._made(services.fix_on_spot(d.district_id(), who, intake, at_us=self.at_us))

    @property
    def standard(self) -> str:
        return d.directory().standards_for(d.CATEGORY)[0].key

    def register(self, minute: float) -> Told:
        self.at(minute).move(d.acting("intake_officer"), "register")
        return self

    def verify(self, sent: float, done: float, *, there: bool = True) -> Told:
        self.at(sent).move(d.acting("intake_officer"), "send_verify")
        who = self.collector()
        self.at(done)
        if there:
            self.move(who, "confirm_exists", photos=[d.photo(who)])
        else:
            self.move(who, "report_absent", texts={"note": "现场未见"})
        return self

    def file(self, minute: float, **args: Any) -> Told:
        args = {"category": d.CATEGORY, "standard": self.standard, **args}
        self.at(minute).move(d.acting("shift_leader"), "file", args=args)
        return self

    def filed_case(self, **args: Any) -> Told:
        """Reported at 0, sent at 5, verified at 15, filed at 20."""
        self.phone(**args).verify(5, 15).file(20, **args)
        return self

    def dispatch(self, minute: float, unit: str = SANITATION) -> Told:
        self.at(minute).move(d.acting("dispatcher"), "dispatch", args={"lead": unit})
        return self

    def claim(self, minute: float, tier: str = "") -> Told:
        self.at(minute).move(self.clerk(), "claim", args={"tier": tier} if tier else {})
        return self

    def hand_back(self, minute: float) -> Told:
        who = self.clerk()
        self.at(minute).move(who, "report_handled", texts={"result": "已清洗"}, photos=[d.photo(who, "after")])
        return self

    def check(self, sent: float, done: float, *, good: bool = True) -> Told:
        self.at(sent).move(d.acting("dispatcher"), "send_check")
        who = self.collector(1)
        self.at(done)
        if good:
            self.move(who, "check_pass", photos=[d.photo(who)])
        else:
            self.move(who, "check_fail", texts={"note": "仍有油污"})
        return self

    def close(self, minute: float) -> Told:
        self.at(minute).move(d.acting("shift_leader"), "close", args={"closing_condition": True})
        return self

    def answer(self, minute: float) -> Told:
        self.at(minute).move(d.acting("intake_officer"), "answer", texts={"reply": "已处理"})
        return self

    def finish(self, handed_back: float) -> Told:
        """Checked, closed and answered at the usual pace."""
        t = handed_back
        return self.hand_back(t).check(t + 5, t + 20).close(t + 25).answer(t + 55)

    def call(self, minute: float, solved: str, satisfied: str = "") -> Told:
        args = {"solved": solved} | ({"satisfied": satisfied} if satisfied else {})
        self.at(minute).move(d.acting("intake_officer"), "follow_up", args=args, version=None)
        return self

    def shift(self, minute: float, name: str, **options: Any) -> Told:
        self.at(minute).move(d.acting("shift_leader"), name, texts={"reason": "见说明"}, **options)
        return self


def tell() -> dict[str, Told]:
    """All cases, by name."""
    cases = {name: Told(name=name, lon=round(d.POINT[0] + number * APART, 6)) for number, name in enumerate(_STORIES)}
    for name, story in _STORIES.items():
        story(cases[name], cases)
    return cases


def _c01(c: Told, _: dict[str, Told]) -> None:
    c.filed_case().dispatch(25).claim(35, "private").finish(55).call(200, "solved", "satisfied")


def _c02(c: Told, _: dict[str, Told]) -> None:
    c.filed_case().dispatch(25).claim(35, "big").hand_back(360).check(365, 375, good=False)
    c.at(380).move(d.acting("dispatcher"), "rework", texts={"reason": "未清净"})
    who = c.clerk()
    c.at(400).move(who, "record_result", texts={"note": "重新清洗"}, photos=[d.photo(who, "after")])
    c.finish(410).call(500, "unsolved", "unsatisfied")


def _c03(c: Told, _: dict[str, Told]) -> None:
    c.phone().verify(5, 50).file(55).dispatch(60, BUREAU)
    c.at(65).move(c.clerk(), "return_case", texts={"reason": "非本单位职责"})
    c.dispatch(70).claim(80, "private").finish(100).call(300, "no_answer")


def _c04(c: Told, _: dict[str, Told]) -> None:
    c.found().register(5).verify(10, 20, there=False).shift(25, "decline")


def _c05(c: Told, _: dict[str, Told]) -> None:
    c.found().register(5).verify(10, 20).file(40).dispatch(70).claim(80, "small").hand_back(100).check(120, 160).close(
        180
    )


def _c06(c: Told, _: dict[str, Told]) -> None:
    c.fixed()


def _c07(c: Told, _: dict[str, Told]) -> None:
    c.filed_case().shift(25, "void")


def _c08(c: Told, cases: dict[str, Told]) -> None:
    c.phone()
    other = cases["c09"].filed_case()
    merged = services.merge(
        d.district_id(), d.acting("intake_officer"), c.record_id, other.record_id, "同一问题", version=c.version,
        at_us=d.START_US + 21 * 60_000_000,
    )  # fmt: skip
    c.outcomes.append(merged[0])
    other.outcomes.append(merged[1])


def _c09(c: Told, _: dict[str, Told]) -> None:
    c.dispatch(25).claim(35).finish(400).call(500, "solved", "fair")
    c.at(600).move(c.clerk(), "appeal_overdue", texts={"reason": "暴雨"})
    c.at(610).move(d.acting("dispatcher"), "support_appeal", texts={"reason": "属实"})
    c.at(620).move(d.acting("shift_leader"), "grant_appeal", texts={"reason": "属实"})


def _c10(c: Told, _: dict[str, Told]) -> None:
    c.filed_case(urgent=True).dispatch(25, BUREAU).claim(35, "hard")


def _c11(c: Told, _: dict[str, Told]) -> None:
    c.filed_case().dispatch(25).claim(35, "hard")
    c.at(40).move(c.clerk(), "request_extension", texts={"reason": "需调设备"})
    c.at(45).move(d.acting("dispatcher"), "approve_extension")
    c.finish(330).call(500, "solved")


def _c12(c: Told, _: dict[str, Told]) -> None:
    c.filed_case().dispatch(25).claim(35)
    until = {"until": "2026-11-30"}
    c.at(40).move(c.clerk(), "request_suspension", args=until, texts={"reason": "待天晴"})
    c.at(45).move(d.acting("shift_leader"), "approve_suspension", args=until)
    c.at(1485).move(d.acting("shift_leader"), "resume")
    c.finish(1500)


def _c13(c: Told, _: dict[str, Told]) -> None:
    c.filed_case().dispatch(25).shift(60, "force_close")


def _c14(c: Told, _: dict[str, Told]) -> None:
    c.web().register(20).verify(25, 35).file(40).dispatch(45).claim(450).finish(460)


def _c15(c: Told, cases: dict[str, Told]) -> None:
    c.lon = cases["c01"].lon
    c.phone(20 * 1440)


_STORIES = {
    name: globals()[f"_{name}"] for name in (f"c{number:02d}" for number in range(1, 16))
}  # fmt: skip


def ids(cases: dict[str, Told]) -> dict[UUID, str]:
    return {case.record_id: name for name, case in cases.items()}
