"""What can be wrong with a row or a file, as a code with its particulars, and the sentence for it in both languages.

Codes are stable and stand in answers of the API; sentences name what happened and what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gewu.core.playbook.model import Words

FaultText = Callable[[str, str], str]
"""The words of a fault of a form field: (code, language) -> sentence. The surfaces have them."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. ``column`` is the column as the file names it; ``more`` fills the sentence."""

    code: str
    column: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> list[Any]:
        """As it is stored."""
        return [self.code, self.column, dict(self.more)]


def problem_of(stored: list[Any]) -> Problem:
    """Inverse of ``Problem.as_json``."""
    return Problem(stored[0], stored[1], stored[2])


class BadFile(Exception):
    """A file of which no row can be read; ``problem`` says why and what to do."""

    def __init__(self, code: str, **more: Any) -> None:
        self.problem = Problem(code, "", more)
        super().__init__(text(self.problem, "en"))


_WORDS: Mapping[str, Words] = {
    # ---- a row
    "formula": Words(
        "holds a formula. It was not calculated; replace it by its value (copy, paste as values)",
        "含有公式，系统不计算公式；请改为数值（复制后选择性粘贴为数值）",
    ),
    "merged": Words(
        "is part of the merged cells {range}, so it is not clear which row the value belongs to. Unmerge them and fill"
        " in every row",
        "属于合并单元格 {range}，无法判断数值属于哪一行；请取消合并并逐行填写",
    ),
    "error_cell": Words(
        "holds an error value of the spreadsheet; enter the value itself", "为表格错误值，请填写实际内容"
    ),
    "mangled": Words(
        "holds a number that the spreadsheet has shortened, its last digits are lost: {text}. Export again with this"
        " column as text",
        "的数字已被表格软件截断，末尾数字丢失：{text}；请将该列设为文本后重新导出",
    ),
    "control": Words(
        "holds invisible control characters; type it again as plain text", "含有不可见的控制字符，请以纯文本重新填写"
    ),
    "required": Words("is empty; it is needed", "为空，必须填写"),
    "number_form": Words(
        "{text}: this is not how {platform} writes its numbers. Were leading zeros or letters lost?",
        "{text} 不符合{platform}的编号格式，是否丢失了前导零或字母？",
    ),
    "doubled": Words(
        "{text} stands in this file twice, first in row {first}. Leave one of the two",
        "{text} 在文件中重复，首次出现在第 {first} 行；请只保留一行",
    ),
    "bad_time": Words(
        "{text} is no date and time; write it like 2026-11-22 14:05",
        "{text} 不是有效的日期时间，请写作 2026-11-22 14:05",
    ),
    "future": Words("{text} lies in the future", "{text} 晚于当前时间"),
    "deadline_before": Words("{text} lies before the time it was received", "{text} 早于受理时间"),
    "bad_position": Words(
        "{text} is no position: longitude and latitude in degrees, both or neither",
        "{text} 不是有效坐标：经度和纬度须以度为单位，且同时填写",
    ),
    "outside_district": Words(
        "the position lies outside the district. Correct it, or give the place by name",
        "坐标不在本区范围内，请更正坐标或改填地点名称",
    ),
    "unknown_place": Words(
        "{text} is no place of this district. Use its code or its full name",
        "{text} 不是本区的地点，请填写地点编码或全称",
    ),
    "ambiguous_place": Words(
        "{text}: several places have this name. Use the code", "{text} 对应多个地点，请填写地点编码"
    ),
    "unknown_category": Words(
        "{text} is not a category that is known here. Correct it, or say before the import which category it means",
        "{text} 不是已知类别；请更正，或在导入前指定其对应的类别",
    ),
    "bad_word": Words("{text} is not understood; one of: {allowed}", "{text} 无法识别，可填：{allowed}"),
    "field": Words("{fault}", "{fault}"),
    "refused": Words("the case was refused: {reason}", "未能登记：{reason}"),
    "too_many_cells": Words(
        "the row has more cells than the header has columns; is a separator inside a text?",
        "该行的单元格多于表头列数，是否文字中含有分隔符？",
    ),
    "broken": Words(
        "the row cannot be read: {reason}. Is a quotation mark missing?", "该行无法读取：{reason}；是否缺少引号？"
    ),
    "unknown_field": Words("is not a field of this platform; leave it out", "不是该平台的字段，请删去"),
    "bad_type": Words("must be text, a number, true, false or null", "须为文本、数字、true、false 或 null"),
    "erased": Words(
        "the words of this case were erased by request; it takes no new ones", "该案件的文字已依申请删除，不能再添加"
    ),
    "busy": Words("somebody was changing this case; send the row again", "该案件正被他人办理，请重新导入此行"),
    # ---- a file
    "empty": Words("The file is empty.", "文件为空。"),
    "too_large": Words(
        "The file is larger than {megabytes} MB. Split it into several.", "文件超过 {megabytes} MB，请拆分后上传。"
    ),
    "macros": Words(
        "The workbook holds macros. Save it as .xlsx (workbook without macros) or as CSV, and send that.",
        "工作簿含有宏。请另存为 .xlsx（不含宏）或 CSV 后重新上传。",
    ),
    "old_format": Words(
        "This is an old Excel file (.xls) or one with a password. Save it as .xlsx without a password, or as CSV.",
        "这是旧版 Excel 文件（.xls）或带密码的文件。请另存为不带密码的 .xlsx 或 CSV。",
    ),
    "not_a_sheet": Words(
        "The file is neither an .xlsx workbook nor CSV text, whatever its name says.",
        "文件既不是 .xlsx 工作簿，也不是 CSV 文本（与文件名无关）。",
    ),
    "bomb": Words(
        "The file would unpack to more than is believable for a sheet, so it was not opened. Copy the rows into a new"
        " workbook.",
        "文件解压后的大小超出合理范围，未予打开。请将数据复制到新的工作簿中。",
    ),
    "unsafe_xml": Words(
        "The workbook declares a document type or entities, which no spreadsheet program does. It was not opened.",
        "工作簿中含有文档类型或实体声明，正常表格软件不会产生，未予打开。",
    ),
    "damaged": Words(
        "The workbook is damaged and cannot be opened. Save it anew.", "工作簿已损坏，无法打开，请重新保存后上传。"
    ),
    "encoding": Words(
        "The text is neither UTF-8 nor GB18030 (byte {at}). Save the file as CSV UTF-8.",
        "文本编码既不是 UTF-8 也不是 GB18030（第 {at} 字节）。请另存为 CSV UTF-8。",
    ),
    "too_many_rows": Words(
        "The sheet has more than {rows} rows. Split it into several.", "表格超过 {rows} 行，请拆分后上传。"
    ),
    "too_many_columns": Words("The sheet has more than {columns} columns.", "表格超过 {columns} 列。"),
    "too_many_merges": Words(
        "The sheet has thousands of merged cells. Unmerge them and save it anew.",
        "表格含有大量合并单元格，请取消合并后重新保存。",
    ),
    "no_header": Words(
        "No header row was found within the first {looked} rows. Needed are columns for: {missing}. The names known for"
        " {platform} are in the mapping; the best row seen has: {seen}",
        "前 {looked} 行中未找到表头。必须有以下列：{missing}。{platform}的列名见映射文件；最接近的一行为：{seen}",
    ),
    "other_platform": Words(
        "These are columns of the {other}, not of the {platform}. Send the file once more as one of the {other}.",
        "表格的列属于{other}，而不是{platform}。请重新上传并选择{other}。",
    ),
    "doubled_column": Words(
        "Column “{text}” stands in the header twice for the same thing ({field}). Leave one of them.",
        "表头中“{text}”重复对应同一内容（{field}），请只保留一列。",
    ),
    "no_playbook": Words(
        "The playbook of this district has no move “{move}” for imports, or it does not know the source “{source}”.",
        "本区流程中没有用于导入的操作“{move}”，或没有来源“{source}”。",
    ),
    "gone": Words(
        "The stored file is gone or cannot be opened. Upload it again.", "已存的文件不存在或无法打开，请重新上传。"
    ),
    "not_allowed": Words(
        "The post of whoever uploaded this file may not register reports any more.", "上传此文件的岗位已无登记权限。"
    ),
    "failed": Words(
        "The import stopped because of a fault of the system. What was imported stays; upload the file again, nothing"
        " is imported twice.",
        "导入因系统故障中止。已导入的案件保留；请重新上传文件，不会重复导入。",
    ),
    # ---- notes
    "other_sheets": Words(
        "Only the first sheet with data was read; not read: {names}.", "只读取了第一张有数据的工作表；未读取：{names}。"
    ),
    "hidden_sheets": Words("Hidden sheets were not read: {names}.", "隐藏工作表未读取：{names}。"),
    "hidden_rows": Words("{n} hidden rows were read too.", "{n} 个隐藏行也已读取。"),
    "unknown_columns": Words("Columns that are not used: {names}.", "未使用的列：{names}。"),
    "external_links": Words("Links to other workbooks were ignored.", "已忽略指向其他工作簿的链接。"),
    "masked_phones": Words("{n} masked telephone numbers were left out.", "{n} 个已打码的电话号码未导入。"),
    "read_as": Words("Read as {encoding}.", "按 {encoding} 编码读取。"),
}


def text(problem: Problem, language: str, fault_text: FaultText | None = None) -> str:
    """The sentence for a problem, with the column in front where there is one."""
    words = _WORDS.get(problem.code)
    if words is None:
        return problem.code
    chinese = language.lower().startswith("zh")
    more: dict[str, Any] = {name: _said(value, chinese) for name, value in problem.more.items()}
    if problem.code == "field":
        code = str(problem.more.get("fault", ""))
        more["fault"] = fault_text(code, language) if fault_text else code
    said = words[language].format_map(_Blank(more))
    if not problem.column:
        return said
    return f"“{problem.column}”{said}" if chinese else f"{problem.column}: {said}"


def _said(value: Any, chinese: bool) -> str:
    if isinstance(value, Mapping):
        return str(value.get("zh" if chinese else "en", ""))
    if isinstance(value, list):
        return ("、" if chinese else ", ").join(str(one) for one in value)
    return str(value)


class _Blank(dict[str, Any]):
    """A particular that a problem does not have reads as nothing."""

    def __missing__(self, key: str) -> str:
        return ""
