"""Workbooks for tests, written by hand: xlsx and ods as spreadsheet programs write them."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_EPOCH = dt.datetime(1899, 12, 30)


@dataclass(frozen=True)
class Wrong:
    """A cell that shows an error, such as #N/A."""

    name: str = "#N/A"


@dataclass(frozen=True)
class Formula:
    """A cell with a formula, and the value that was kept with it: None for none, '' for ''."""

    text: str
    value: Any = None


def write_xlsx(
    path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]], hidden: Sequence[str] = ()
) -> Path:
    """Write sheets of rows; the parts of the names of columns are of no matter here."""
    names = list(sheets)
    entries = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"'
        f"{' state=' + quoteattr('hidden') if name in hidden else ''}/>"
        for n, name in enumerate(names, 1)
    )
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(names) + 1)
    )
    formats = "".join(f'<xf numFmtId="{code}"/>' for code in (0, 14, 22, 21))
    parts = {
        "[Content_Types].xml": "<Types xmlns="
        '"http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f"<sheets>{entries}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}">{relations}'
        f'<Relationship Id="rId900" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><cellXfs>{formats}</cellXfs></styleSheet>',
    }
    for n, name in enumerate(names, 1):
        rows = "".join(
            f'<row r="{y}">{"".join(_xlsx_cell(x, y, cell) for x, cell in enumerate(row))}</row>'
            for y, row in enumerate(sheets[name], 1)
        )
        parts[f"xl/worksheets/sheet{n}.xml"] = (
            f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'
        )
    return _zipped(path, parts)


def _xlsx_cell(column: int, row: int, cell: Any) -> str:
    place = f'r="{_letters(column)}{row}"'
    match cell:
        case None:
            return ""
        case Wrong():
            return f'<c {place} t="e"><v>{cell.name}</v></c>'
        case Formula():
            value = "" if cell.value is None else f"<v>{cell.value}</v>"
            kind = ' t="str"' if isinstance(cell.value, str) else ""
            return f"<c {place}{kind}><f>{escape(cell.text)}</f>{value}</c>"
        case bool():
            return f'<c {place} t="b"><v>{int(cell)}</v></c>'
        case int() | float():
            return f"<c {place}><v>{cell}</v></c>"
        case dt.datetime():
            days = (cell - _EPOCH) / dt.timedelta(days=1)
            return f'<c {place} s="2"><v>{days!r}</v></c>'
        case dt.date():
            days = (dt.datetime(cell.year, cell.month, cell.day) - _EPOCH).days
            return f'<c {place} s="1"><v>{days}</v></c>'
        case dt.time():
            part = dt.timedelta(hours=cell.hour, minutes=cell.minute, seconds=cell.second)
            return f'<c {place} s="3"><v>{part / dt.timedelta(days=1)!r}</v></c>'
    text = f'<t xml:space="preserve">{escape(str(cell))}</t>'
    return f'<c {place} t="inlineStr"><is>{text}</is></c>'


def _letters(column: int) -> str:
    before, place = divmod(column, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + place)


def write_ods(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]]) -> Path:
    """Write sheets of rows as LibreOffice does, with a million empty rows at the end."""
    tables = "".join(
        f"<table:table table:name={quoteattr(name)}>"
        + "".join(
            f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows
        )
        + '<table:table-row table:number-rows-repeated="1048000">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>'
        for name, rows in sheets.items()
    )
    spaces = {
        "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
        "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
        "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
        "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
    }
    declared = " ".join(f'xmlns:{name}="{space}"' for name, space in spaces.items())
    content = (
        f"<office:document-content {declared}><office:body><office:spreadsheet>{tables}"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    parts = {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": "<manifest:manifest xmlns:manifest="
        '"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        "content.xml": content,
    }
    return _zipped(path, parts)


def _ods_cell(cell: Any) -> str:
    match cell:
        case None:
            return "<table:table-cell/>"
        case Wrong():
            return (
                '<table:table-cell office:value-type="string" office:string-value="" '
                f'calcext:value-type="error"><text:p>{cell.name}</text:p></table:table-cell>'
            )
        case Formula():
            kept = _ods_cell(cell.value)
            formula = f"<table:table-cell table:formula={quoteattr('of:=' + cell.text)}"
            return kept.replace("<table:table-cell", formula, 1)
        case bool():
            return (
                f'<table:table-cell office:value-type="boolean" '
                f'office:boolean-value="{str(cell).lower()}"/>'
            )
        case int() | float():
            return f'<table:table-cell office:value-type="float" office:value="{cell}"/>'
        case dt.date():
            return (
                f'<table:table-cell office:value-type="date" '
                f'office:date-value="{cell.isoformat()}"/>'
            )
        case dt.time():
            shown = cell.strftime("PT%HH%MM%SS")
            return f'<table:table-cell office:value-type="time" office:time-value="{shown}"/>'
    paragraphs = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(cell).split("\n"))
    return f'<table:table-cell office:value-type="string">{paragraphs}</table:table-cell>'


def _zipped(path: Path, parts: Mapping[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path
