"""Who is who: codes of inspected objects and of inspectors, with their check digits."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_10

from sampler.io.personal import is_resident_id
from sampler.io.values import RUINED, Bad, code_of
from sampler.tables import is_id

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

PERSONAL: Final = "PERSONAL_ID"
"""Code of a refusal whose finding is never shown whole."""
_RUINED_HINT: Final = "从业务系统重新导出, 打开前先把该列设为文本 (Excel: 数据-自文本, 列类型选文本)"
_FORM_HINT: Final = "编号只能用字母、数字和 . _ -, 最多 64 个字符"
_USCC: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_ALNUM_18: Final = re.compile(r"[0-9A-Z]{18}")
_DIGITS_15: Final = re.compile(r"[0-9]{15}")
_CERTIFICATE: Final = re.compile(r"(?=(?:\D*\d){4})(?=.*[\u4e00-\u9fff])[\u4e00-\u9fff0-9A-Za-z()._-]{5,64}")
_SPACES: Final = re.compile(r"\s+")


def object_code(text: str) -> str:
    """Return the code of an object or owner, check digits verified.

    >>> object_code("91370200163562681g")
    '91370200163562681G'
    """
    code = plain_code(_tight(text))
    _refuse_person(code)
    if _ALNUM_18.fullmatch(code.upper()):
        return _checked_uscc(code.upper())
    if _DIGITS_15.fullmatch(code):
        return _checked_regno(code)
    return code


def known_object(known: Collection[str]) -> Callable[[str], str]:
    """Return a parser of references to objects: those known are taken as they are, others are checked."""
    there = frozenset(known)

    def parse(text: str) -> str:
        return text if text in there else object_code(text)

    return parse


def free_code(text: str) -> str:
    """Return the code of a product or project, whose numbers follow no national rule."""
    return plain_code(text)


def plain_code(text: str) -> str:
    """Return a code that is an id, refusing those Excel has ruined."""
    if RUINED.fullmatch(text):
        raise Bad("CODE_RUINED", "代码被 Excel 变成了数字, 末尾几位已丢失", _RUINED_HINT)
    if not is_id(text):
        raise Bad("ID_FORM", "编号含有不允许的字符", _FORM_HINT)
    if text[0] == "-":  # a spreadsheet takes it for a formula wherever it is shown
        raise Bad("ID_FORM", "编号以 - 开头", "去掉开头的 -")
    return text


def inspector_code(text: str) -> str:
    """Return the code of an inspector; a certificate number with Chinese characters is coded (records.md 2)."""
    if _CERTIFICATE.fullmatch(text):
        return code_of(text)
    _refuse_person(text)
    return plain_code(text)


def known_inspector(known: Collection[str], unknown: str) -> Callable[[str], str]:
    """Return a parser of inspectors that refuses, in the words `unknown`, one who is not among those known (none: any)."""
    there = frozenset(known)

    def parse(text: str) -> str:
        code = inspector_code(text)
        if there and code not in there:
            raise Bad("INSPECTOR_UNKNOWN", unknown, "核对执法证号")
        return code

    return parse


def _refuse_person(code: str) -> None:
    if is_resident_id(code):
        raise Bad(PERSONAL, "这是居民身份证号, 不得作为编号", "换成统一社会信用代码、注册号或执法证号")


def _tight(text: str) -> str:
    """Return a credit code typed in groups without its blanks and hyphens; other text as it is."""
    joined = _SPACES.sub("", text)
    if "-" in joined:  # other numbers have hyphens too: only what is beyond doubt a credit code loses them
        whole = joined.replace("-", "").upper()
        return whole if _USCC.fullmatch(whole) and _uscc_digit(whole[:17]) == whole[17] else text
    return joined if _ALNUM_18.fullmatch(joined.upper()) else text


def _checked_uscc(code: str) -> str:
    if not _USCC.fullmatch(code):
        raise Bad("USCC_FORM", "统一社会信用代码含有不允许的字符", "代码不用字母 I、O、S、V、Z; 第 3 到 8 位是数字")
    want = _uscc_digit(code[:17])
    if want != code[17] and code.isdigit() and code.endswith("000"):
        raise Bad("CODE_RUINED", "代码像是被 Excel 当作数字存过, 末尾三位变成了 0", _RUINED_HINT)
    if want != code[17]:
        raise Bad("USCC_CHECK", f"统一社会信用代码校验位不符: 应为 {want}", "对照营业执照核对整个代码")
    return code


@lru_cache(maxsize=4096)
def _uscc_digit(body: str) -> str:
    return str(uscc.calc_check_digit(body))


def _checked_regno(code: str) -> str:
    want = str(mod_11_10.calc_check_digit(code[:14]))
    if want != code[14]:
        raise Bad("REGNO_CHECK", f"注册号校验位不符: 应为 {want}", "对照营业执照核对整个注册号")
    return code
