"""Judge a site as it stands: links, policies, sizes, copies, and whether it tells more than the levels allow."""

from __future__ import annotations

import posixpath
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

from sampler import canon, disclosure
from sampler.errors import Place, Problem, SamplerError
from sampler.publish import copies, twincheck
from sampler.sharedlog import ENTRIES

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

FIRST_PAGE: Final = 100_000
"""Bytes that the first page and what it loads may have."""
REQUIRED: Final = ("default-src 'none'", "base-uri 'none'", "form-action 'none'")
FORBIDDEN: Final = ("unsafe-inline", "unsafe-eval", "http:", "https:", "*")
COPY: Final = re.compile(rf"(data|{copies.FOLDER})/([^/]+/[0-9a-f]+)/(.+)")
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
        if "data-copy" in found:
            root, copy = found["data-root"], found["data-copy"]
            self.links += [f"{root}data/{copy}/manifest.json", f"{root}{ENTRIES}"]
            self.links += [f"{root}{copies.FOLDER}/{one}/{copies.FIRST}" for one in (copy, "log")]


def check(
    files: Mapping[str, bytes], secrets: Mapping[str, str], log: bytes = b"", beside: Container[str] = ()
) -> list[Problem]:
    """Return what is wrong with a site, or with a part of it.

    Parameters
    ----------
    files
        Path to bytes.
    secrets
        Text that may stand nowhere in them yet (drawn objects before the opening, tokens, names, phones) to what it is.
    log
        The log of the site, which its copies share.
    beside
        Paths of the site that are not among `files`.
    """
    found = [p for path in files if path.endswith(".html") for p in _page(files, path, beside)]
    twins = [_problem("SITE_TWIN", what, path, said) for what, path, said in twincheck.check(files, beside)]
    return [*found, *_copies(files, log), *twins, *_leaks(files, secrets)]


def _problem(code: str, message: str, path: str, found: str) -> Problem:
    return Problem(
        code=code, message=message, hint="重新运行 sampler publish", place=Place(file=path), found=found[:200]
    )


def _page(files: Mapping[str, bytes], path: str, beside: Container[str]) -> Iterator[Problem]:
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
        elif target not in files and target not in beside:
            yield _problem("SITE_LINK", "链接指向不存在的文件", path, link)
        elif link in page.loads and "kernel" not in link and target in files:
            size += len(files[target])
    if path in ("index.html", "en/index.html") and size > FIRST_PAGE:
        yield _problem("SITE_SIZE", f"首页连同样式超过 {FIRST_PAGE} 字节", path, str(size))


def _copies(files: Mapping[str, bytes], log: bytes) -> Iterator[Problem]:
    """Hold every data folder to its manifest, its level, its script and the site's log."""
    folders: dict[str, dict[str, dict[str, bytes]]] = {}
    for path in files:
        if at := COPY.fullmatch(path):
            folders.setdefault(at[2], {"data": {}, copies.FOLDER: {}})[at[1]][at[3]] = files[path]
    for copy_of, both in folders.items():
        folder, held = f"data/{copy_of}", both["data"]
        try:
            wrapped = copies.unwrapped(both[copies.FOLDER])
            manifest = canon.decode(held["manifest.json"])
            copy = (manifest["level"], manifest["stage"])
            listed = {f["path"]: f["sha256"] for f in manifest["files"]}
            held[ENTRIES] = log[: next(f["size"] for f in manifest["files"] if f["path"] == ENTRIES)]
        except (SamplerError, ValueError, KeyError, TypeError, StopIteration) as e:
            yield _problem("SITE_COPY", "公开副本读不出", folder, str(e))
            continue
        if wrapped != {p: d for p, d in held.items() if p != ENTRIES}:
            yield _problem("SITE_COPY", "离线脚本与公开副本的文件不同", f"{copies.FOLDER}/{copy_of}", "")
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
