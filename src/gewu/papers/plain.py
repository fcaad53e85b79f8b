"""What an indicator counts, in plain sentences: made from its conditions, so that they say what is computed.

Every condition becomes a clause that follows "cases" (`that were filed`) and precedes it in Chinese (`已立案`).
Negation goes inward to the single clauses, so that no sentence needs a "not" around others; what is nested stands in
brackets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gewu.core.playbook.model import Words
from gewu.evaluation.columns import COUNTS, FLAGS, INSTANTS
from gewu.evaluation.definitions import Condition, Indicator, Other

Named = Callable[[str, str], str]
"""What a value of a column is called: (column, value) to its name."""
_Pair = tuple[Words, Words]
"""The clause, and its contrary."""

_COME: Mapping[str, _Pair] = {
    "reported_at": (Words("that were reported", "已上报"), Words("that were not reported", "未上报")),
    "registered_at": (Words("that were accepted", "已受理"), Words("that were not accepted", "未受理")),
    "verified_at": (Words("that were verified", "已核实"), Words("that were not verified", "未核实")),
    "filed_at": (Words("that were filed", "已立案"), Words("that were not filed", "未立案")),
    "dispatched_at": (Words("that were dispatched", "已派遣"), Words("that were not dispatched", "未派遣")),
    "claimed_at": (Words("that the unit claimed", "已认领"), Words("that the unit did not claim", "未认领")),
    "handled_at": (
        Words("that the unit handed back as handled", "已反馈处置结果"),
        Words("that the unit did not hand back as handled", "未反馈处置结果"),
    ),
    "checked_at": (Words("whose result was checked", "已核查"), Words("whose result was not checked", "未核查")),
    "closed_at": (Words("that were closed", "已结案"), Words("that were not closed", "未结案")),
    "answered_at": (Words("whose reporter was answered", "已答复"), Words("whose reporter was not answered", "未答复")),
    "followed_at": (
        Words("whose reporter was asked about the result", "已回访"),
        Words("whose reporter was not asked about the result", "未回访"),
    ),
    "ended_at": (
        Words("that have come to their end", "已有终结时间"),
        Words("that have not come to their end", "尚无终结时间"),
    ),
    "lifted_at": (
        Words("that a street’s centre handed up", "曾上报区治理中心"),
        Words("that no street’s centre handed up", "未上报区治理中心"),
    ),
    "landed_at": (
        Words("that the district’s centre sent on after they were handed up", "上报后已再次派遣"),
        Words("that the district’s centre did not send on after they were handed up", "上报后未再次派遣"),
    ),
}
_FLAGS: Mapping[str, _Pair] = {
    "urgent": (Words("that are urgent", "属于紧急"), Words("that are not urgent", "不属于紧急")),
    "has_reporter": (
        Words("that have a reporter to be answered", "有须答复的反映人"),
        Words("that have no reporter to be answered", "没有须答复的反映人"),
    ),
    "public": (
        Words("that the public reported", "由公众反映"),
        Words("that the public did not report", "非由公众反映"),
    ),
    "collector": (
        Words("that a collector reported", "由监督员上报"),
        Words("that no collector reported", "非由监督员上报"),
    ),
    "forced": (
        Words("that were closed by force", "被强制结案"),
        Words("that were not closed by force", "未被强制结案"),
    ),
    "fixed_on_spot": (
        Words("that were fixed on the spot", "即查即改"),
        Words("that were not fixed on the spot", "非即查即改"),
    ),
    "overdue_exempt": (
        Words("whose being late was excused on appeal", "超时申诉成立"),
        Words("whose being late was not excused on appeal", "无成立的超时申诉"),
    ),
}
_TIMES: Mapping[str, Words] = {
    "received": Words("received by a unit", "由单位收件"),
    "returned": Words("returned by a unit", "被单位退回"),
    "reworks": Words("sent back for rework", "被退回返工"),
    "repeats": Words("reported again", "被重复上报"),
    "extensions": Words("given more time", "获准延期"),
    "suspensions": Words("suspended", "被挂账"),
    "checks_passed": Words("passed by a check", "核查通过"),
    "checks_failed": Words("failed by a check", "核查不通过"),
    "checks_unable": Words("visited for a check that could not be made", "无法核查"),
    "hops": Words("handed on between the centres", "在两级中心间流转"),
}
"""What counts count, after "that were"; in Chinese before the number of times."""
_EVENTS: Mapping[str, Words] = {
    "reported_at": Words("the report", "上报"),
    "registered_at": Words("the acceptance", "受理"),
    "verified_at": Words("the verification", "核实"),
    "filed_at": Words("the filing", "立案"),
    "dispatched_at": Words("the dispatch", "派遣"),
    "claimed_at": Words("the claiming", "认领"),
    "handled_at": Words("the handing back", "处置反馈"),
    "checked_at": Words("the check", "核查"),
    "closed_at": Words("the closing", "结案"),
    "answered_at": Words("the answer", "答复"),
    "followed_at": Words("the call to the reporter", "回访"),
    "ended_at": Words("the end", "终结"),
    "lifted_at": Words("the last handing up to the district’s centre", "最近一次上报区治理中心"),
    "landed_at": Words("the dispatch after it", "其后的派遣"),
}
_WORK: Mapping[str, Words] = {
    "accept": Words("acceptance", "受理"),
    "arrange": Words("arranging of verification or filing", "安排核实或立案"),
    "verify": Words("verification", "核实"),
    "file": Words("filing decision", "立案"),
    "dispatch": Words("dispatch", "派遣"),
    "claim": Words("claiming", "认领"),
    "handle": Words("handling", "处置"),
    "send_check": Words("ordering of the check", "派发核查"),
    "check": Words("checking", "核查"),
    "close": Words("closing decision", "结案"),
    "answer": Words("answer to the reporter", "答复反映人"),
}
_LABELS: Mapping[str, Words] = {
    "number": Words("number", "编号"),
    "place": Words("place", "地点"),
    "category": Words("category", "类别"),
    "standard": Words("standard", "立结案标准"),
    "source": Words("source", "来源"),
    "tier": Words("tier", "层级"),
    "stage": Words("stage", "环节"),
    "lead_unit": Words("lead unit", "主办单位"),
    "verification": Words("verification", "核实结果"),
    "solved": Words("reporter's word on whether it is solved", "反映人对是否解决的答复"),
    "satisfied": Words("reporter's word on being satisfied", "反映人对是否满意的答复"),
}
_NOTHING = Words("none", "无")
_VALUES: Mapping[tuple[str, str], Words] = {
    ("tier", "private"): Words("private", "私事"),
    ("tier", "small"): Words("small", "小事"),
    ("tier", "big"): Words("big", "大事"),
    ("tier", "hard"): Words("hard", "难事"),
    ("ended", "declined"): Words("not filed", "不予立案"),
    ("ended", "voided"): Words("void", "作废"),
    ("ended", "merged"): Words("merged", "并案"),
    ("ended", "answered"): Words("answered", "已答复"),
    ("solved", "solved"): Words("solved", "已解决"),
    ("solved", "partly"): Words("solved in part", "部分解决"),
    ("solved", "unsolved"): Words("not solved", "未解决"),
    ("solved", "no_answer"): Words("not reached", "未接通"),
    ("satisfied", "satisfied"): Words("satisfied", "满意"),
    ("satisfied", "fair"): Words("fairly satisfied", "基本满意"),
    ("satisfied", "unsatisfied"): Words("not satisfied", "不满意"),
    ("verification", "exists"): Words("it exists", "属实"),
    ("verification", "absent"): Words("it is not there", "不存在"),
}
_CONTRARY = {"eq": "ne", "ne": "eq", "lt": "ge", "ge": "lt", "gt": "le", "le": "gt"}
_OFTEN: Mapping[str, Words] = {
    "eq": Words("exactly {n} times", "恰为{n}次"),
    "ne": Words("more or less often than {n} times", "不为{n}次"),
    "lt": Words("fewer than {n} times", "少于{n}次"),
    "le": Words("at most {n} times", "至多{n}次"),
    "gt": Words("more than {n} times", "多于{n}次"),
    "ge": Words("at least {n} times", "至少{n}次"),
}
_ORDER: Mapping[str, Words] = {
    "lt": Words("came before", "早于"),
    "le": Words("came no later than", "不晚于"),
    "gt": Words("came after", "晚于"),
    "ge": Words("came no earlier than", "不早于"),
}


_TWO = 2


def _code(_column: str, value: str) -> str:
    return value


class Plain:
    """Says indicators in one language. ``named`` names values that come from the district: categories, units ..."""

    def __init__(self, language: str, named: Named = _code) -> None:
        self.language, self.named, self.chinese = language, named, language.startswith("zh")

    # ---- an indicator

    def numerator(self, indicator: Indicator) -> str:
        """What is counted; for a mean, what is added up."""
        if indicator.entries is not None:
            return self._happened(indicator.entries.numerator)
        if indicator.span is not None:
            first, last = (_EVENTS[at][self.language] for at in (indicator.span.from_, indicator.span.to))
            return self._either(f"The time from {first} to {last}, added up.", f"自{first}至{last}的用时之和。")
        if indicator.top is not None:
            n = indicator.top
            return self._either(
                f"Of these, those in the {n} most frequent categories.", f"其中最高发的{n}个类别的案件。"
            )
        if indicator.numerator is None:
            return ""
        clause = self.clause(indicator.numerator)
        if indicator.denominator is None:
            return self._cases(clause)
        return self._either(f"Of these, those {clause}.", f"其中{clause}的案件。")

    def denominator(self, indicator: Indicator) -> str:
        """Among what it is counted; empty for a plain count."""
        if indicator.entries is not None:
            return self._happened(indicator.entries.denominator)
        if indicator.denominator is None:
            return ""
        clause = self.clause(indicator.denominator)
        if indicator.span is not None:
            first, last = (_EVENTS[at][self.language] for at in (indicator.span.from_, indicator.span.to))
            return self._either(
                f"Cases {clause}, where {first} and {last} are both known.",
                f"{clause}，且{first}、{last}时间均有记录的案件。",
            )
        return self._cases(clause)

    def unanswered(self, indicator: Indicator) -> str:
        """What is shown apart and not counted; empty for none."""
        if indicator.unanswered is None:
            return ""
        clause = self.clause(indicator.unanswered)
        return self._either(f"Not counted, but shown apart: those {clause}.", f"单列不计：{clause}的案件。")

    def month(self, indicator: Indicator) -> str:
        """The event whose day puts a case into its month."""
        event = _EVENTS[indicator.at][self.language]
        return f"{event}时间" if self.chinese else event

    def _cases(self, clause: str) -> str:
        return self._either(f"Cases {clause}.", f"{clause}的案件。")

    def _happened(self, counts: tuple[str, ...]) -> str:
        done = [_TIMES[count][self.language] for count in counts]
        return self._either(f"How often cases were {' or '.join(done)}.", f"{'、'.join(done)}的次数。")

    def _either(self, english: str, chinese: str) -> str:
        return chinese if self.chinese else english

    # ---- a condition

    def clause(self, condition: Condition, *, yes: bool = True, inside: bool = False) -> str:
        """A condition, or with ``yes`` False its contrary; ``inside`` another one, several stand in brackets."""
        if condition.not_ is not None:
            return self.clause(condition.not_, yes=not yes, inside=inside)
        several = condition.all or condition.any
        if several is not None:
            together = (condition.all is not None) == yes
            joiner = self._either(", and " if together else ", or ", "，且" if together else "，或")
            text = joiner.join(self.clause(part, yes=yes, inside=True) for part in several)
            return self._either(f"({text})", f"（{text}）") if inside else text
        if condition.column is not None:
            return self._comparison(condition.column, *condition.comparison, yes=yes)
        if condition.set is not None:
            return self._set(condition.set, yes=yes)
        return self._timed(condition, yes=yes)

    def _pair(self, pair: _Pair, *, yes: bool) -> str:
        return pair[0 if yes else 1][self.language]

    def _set(self, column: str, *, yes: bool) -> str:
        if column in INSTANTS:
            return self._pair(_COME[column], yes=yes)
        if column in FLAGS:
            return self._pair(_FLAGS[column], yes=yes)
        if column in COUNTS:
            return self._often(column, "ge" if yes else "lt", 1)
        return self._text(column, ("",), yes=not yes)

    def _timed(self, condition: Condition, *, yes: bool) -> str:
        """Clocks, and what has passed or came back since an instant."""
        if condition.passed is not None:
            n, event = condition.passed.days, _EVENTS[condition.passed.since][self.language]
            have = "have" if yes else "have not yet"
            return self._either(
                f"for which {n} days {have} passed since {event}", f"{event}{'已' if yes else '未'}满{n}天"
            )
        if condition.recurred is not None:
            n = condition.recurred
            came = "came" if yes else "did not come"
            return self._either(
                f"that {came} back at the same place within {n} days of the closing",
                f"结案后{n}天内同一地点同类问题{'' if yes else '未'}再次上报",
            )
        for name, pairs in _CLOCKED.items():
            clock = getattr(condition, name)
            if clock is not None:
                return self._pair(pairs, yes=yes).format(work=_WORK[clock][self.language])
        raise ValueError("a condition of no known form")

    def _comparison(self, column: str, operator: str, value: object, *, yes: bool) -> str:
        if isinstance(value, tuple):
            return self._text(column, value, yes=yes)
        if isinstance(value, Other):
            first, last = _EVENTS[column][self.language], _EVENTS[value.column][self.language]
            order = _ORDER[operator][self.language]
            if yes:
                return self._either(f"for which {first} {order} {last}", f"{first}{order}{last}")
            return self._either(f"for which it is not so that {first} {order} {last}", f"并非{first}{order}{last}")
        if isinstance(value, bool):
            return self._pair(_FLAGS[column], yes=value == yes)
        if isinstance(value, int):
            return self._often(column, operator if yes else _CONTRARY[operator], value)
        return self._text(column, (str(value),), yes=(operator == "eq") == yes)

    def _often(self, column: str, operator: str, n: int) -> str:
        done = _TIMES[column][self.language]
        if (operator, n) in (("eq", 0), ("le", 0), ("lt", 1)):
            return self._either(f"that were never {done}", f"从未{done}")
        if (operator, n) in (("ne", 0), ("gt", 0), ("ge", 1)):
            return self._either(f"that were {done} at least once", f"{done}至少1次")
        often = _OFTEN[operator][self.language].format(n=n)
        return self._either(f"that were {done} {often}", f"{done}{often}")

    def _text(self, column: str, values: tuple[str, ...], *, yes: bool) -> str:
        if column == "ended":
            return self._ended(values, yes=yes)
        label = _LABELS[column][self.language]
        listed = self._listed(column, values)
        if yes:
            return self._either(f"whose {label} is {listed}", f"{label}为{listed}")
        return self._either(f"whose {label} is not {listed}", f"{label}不为{listed}")

    def _ended(self, values: tuple[str, ...], *, yes: bool) -> str:
        """How a case ended; the empty value is that it has not."""
        ends = self._listed("ended", tuple(value for value in values if value))
        if not ends:
            ended = Words("that have ended", "已终结"), Words("that have not ended", "尚未终结")
            return self._pair(ended, yes=not yes)
        if "" not in values:
            return self._either(
                f"that {'ended' if yes else 'did not end'} as {ends}", f"{'' if yes else '未'}以{ends}终结"
            )
        if yes:
            return self._either(f"that have not ended or ended as {ends}", f"尚未终结或以{ends}终结")
        return self._either(f"that ended otherwise than as {ends}", f"已终结但非以{ends}终结")

    def _listed(self, column: str, values: tuple[str, ...]) -> str:
        named = [f"“{self._value(column, value)}”" for value in values]
        if len(named) < _TWO:
            return "".join(named)
        return f"{self._either(', ', '、').join(named[:-1])}{self._either(' or ', '或')}{named[-1]}"

    def _value(self, column: str, value: str) -> str:
        if not value:
            return _NOTHING[self.language]
        known = _VALUES.get((column, value))
        return known[self.language] if known else self.named(column, value)


_CLOCKED: Mapping[str, _Pair] = {
    "kept": (
        Words("whose {work} was completed in time", "按时{work}"),
        Words("whose {work} was not completed in time", "未按时{work}"),
    ),
    "late": (
        Words("whose {work} was completed late or is overdue", "{work}超时（含逾期未完成）"),
        Words("whose {work} was not completed late and is not overdue", "{work}未超时"),
    ),
    "decided": (
        Words("whose {work} is completed or overdue", "{work}已完成或已逾期"),
        Words("whose {work} is neither completed nor overdue", "{work}未完成也未逾期"),
    ),
    "ran": (
        Words("that were given a time limit for the {work}", "启动过{work}时限"),
        Words("that were given no time limit for the {work}", "未启动{work}时限"),
    ),
}
"""Conditions on clocks, by the form of the condition."""
