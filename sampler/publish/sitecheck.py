"""Judge a site as it stands: links, policies, sizes, copies, and whether it tells more than the levels allow."""

from __future__ import annotations

import posixpath
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

from sampler import canon, disclosure
from sampler.errors import Place, Problem
from sampler.publish import copies

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FIRST_PAGE: Final = 100_000
"""Bytes that the first page and what it loads may have."""
REQUIRED: Final = ("default-src 'none'", "base-uri 'none'", "form-action 'none'")
FORBIDDEN: Final = ("unsafe-inline", "unsafe-eval", "http:", "https:", "*")
COPY: Final = re.compile(r"(data/[^/]+/[0-9a-f]+)/(.+)")
WORD: Final = re.compile(rb"[0-9A-Za-z._-]+")
CELL: Final = re.compile(rb"[^<>\"\t\r\n,]+")


class _Page(HTMLParser):
    """What a page points to, what it loads, and its policy."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.policy = ""
        self.inline = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one element."""
        found = {k: v or "" for k, v in attrs}
        self.inline += "style" in found or any(k.startswith("on") for k in found)
        self.inline += tag == "style" or (tag == "script" and "src" not in found)
        if found.get("http-equiv") == "Content-Security-Policy":
            self.policy = found["content"]
        if tag in ("link", "script", "img"):
            self.loads += [found[k] for k in ("href", "src") if k in found]
        elif "href" in found:
            self.links.append(found["href"])
        self.loads += [found[k] for k in ("data-kernel",) if k in found]
        self.links += [f"{found['data-src']}/{f}" for f in ("data.js", "manifest.json") if "data-src" in found]


def check(files: Mapping[str, bytes], secrets: Mapping[str, str]) -> list[Problem]:
    """Return what is wrong with a site.

    Parameters
    ----------
    files
        The site: path to bytes.
    secrets
        Text that may stand nowhere yet (drawn objects before the opening, tokens, names, phones) to what it is.
    """
    found = [p for path in files if path.endswith(".html") for p in _page(files, path)]
    return [*found, *_copies(files), *_leaks(files, secrets)]


def _problem(code: str, message: str, path: str, found: str) -> Problem:
    return Problem(
        code=code, message=message, hint="重新运行 sampler publish", place=Place(file=path), found=found[:200]
    )


def _page(files: Mapping[str, bytes], path: str) -> Iterator[Problem]:
    page = _Page()
    page.feed(files[path].decode())
    if not all(r in page.policy for r in REQUIRED) or any(w in page.policy for w in FORBIDDEN):
        yield _problem("SITE_POLICY", "页面没有严格的内容安全策略", path, page.policy)
    if page.inline:
        yield _problem("SITE_INLINE", "页面里有内联的脚本或样式", path, str(page.inline))
    size = len(files[path])
    for link in page.links + page.loads:
        if link.startswith("#"):
            continue
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), link.partition("#")[0]))
        if "://" in link or link.startswith(("//", "javascript:", "data:")) or target.startswith("../"):
            yield _problem("SITE_OUTSIDE", "页面指向站外地址", path, link)
        elif target not in files:
            yield _problem("SITE_LINK", "链接指向不存在的文件", path, link)
        elif link in page.loads and "kernel" not in link:
            size += len(files[target])
    if path in ("index.html", "en/index.html") and size > FIRST_PAGE:
        yield _problem("SITE_SIZE", f"首页连同样式超过 {FIRST_PAGE} 字节", path, str(size))


def _copies(files: Mapping[str, bytes]) -> Iterator[Problem]:
    """Hold every data folder to its manifest, its level and its script."""
    folders: dict[str, dict[str, bytes]] = {}
    for path, data in files.items():
        if at := COPY.fullmatch(path):
            folders.setdefault(at[1], {})[at[2]] = data
    for folder, held in folders.items():
        scripts = {p: held.pop(p) for p in list(held) if copies.NAME.fullmatch(p)}
        try:
            wrapped = copies.unwrapped(scripts)
            manifest = canon.decode(held["manifest.json"])
            copy = (manifest["level"], manifest["stage"])
            listed = {f["path"]: f["sha256"] for f in manifest["files"]}
        except (ValueError, KeyError, TypeError) as e:
            yield _problem("SITE_COPY", "公开副本读不出", folder, str(e))
            continue
        if wrapped != held:
            yield _problem("SITE_COPY", "data.js 与公开副本的文件不同", f"{folder}/data.js", "")
        for path in sorted({*held, *listed} - {"manifest.json"}):
            if path not in held or canon.sha256(held[path]).hex() != listed.get(path):
                yield _problem("SITE_COPY", "公开副本的文件与清单不符", f"{folder}/{path}", "")
            if not disclosure.public(path, *copy):
                yield _problem("SITE_LEAK", f"级别 {copy[0]} 在这一步不公开该文件", f"{folder}/{path}", path)


def _leaks(files: Mapping[str, bytes], secrets: Mapping[str, str]) -> Iterator[Problem]:
    """Find what may not be there yet.

    Words and cells are taken whole: a million texts cost one pass, and a firm called after somebody who shares an
    officer's name is no leak.
    """
    words = {s.encode(): what for s, what in secrets.items() if s}
    for path, data in files.items():
        text = b"" if copies.NAME.fullmatch(posixpath.basename(path)) else data
        for word in sorted(words.keys() & {*WORD.findall(text), *CELL.findall(text)}):
            yield _problem("SITE_LEAK", f"还不能公开的内容：{words[word]}", path, "")
