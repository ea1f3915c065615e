"""backup and restore: the whole workspace in one checked file, and back into a new directory."""

from __future__ import annotations

from pathlib import Path

import click

from sampler.commands.shell import Reply, command
from sampler.errors import StoreError
from sampler.io import backup as archive
from sampler.io.session import open_workspace
from sampler.io.store import write_file


@command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(workspace: Path, file: Path) -> Reply:
    """备份整个工作区到一个文件（含秘密和姓名，仅本人可读），并逐字节读回核对。"""
    w = open_workspace(workspace)
    target = workspace / file
    if target.exists():
        raise StoreError("BACKUP_EXISTS", "已有同名文件，没有覆盖", hint="换一个文件名", found=str(file))
    if target.resolve().is_relative_to(w.root.resolve()):
        hint = "写到工作区之外，例如 U 盘；不然下一份备份会包着这一份"
        raise StoreError("BACKUP_INSIDE", "备份不能放在工作区里面", hint=hint, found=str(file))
    with w.lock():
        files = archive.collect(w)
        write_file(target, archive.pack(files), secret=True)
    if archive.unpack(target.read_bytes(), file.name) != files:
        raise StoreError("BACKUP_DAMAGED", "读回的内容与写出的不同", hint="换一个磁盘再备份", found=str(file))
    size = target.stat().st_size
    text = f"已备份 {len(files)} 个文件，{size / 1e6:.1f} MB，读回核对一致: {file}\n内含秘密和姓名：锁好，不要外发"
    return Reply(data={"file": str(file), "files": len(files), "bytes": size}, text=text)


@command("restore")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("directory", type=click.Path(path_type=Path))
def restore(workspace: Path, file: Path, directory: Path) -> Reply:
    """从备份恢复到一个新目录：先逐个核对哈希，从不覆盖。"""
    files = archive.unpack((workspace / file).read_bytes(), file.name)
    archive.restore(files, workspace / directory)
    text = f"已恢复 {len(files)} 个文件到 {directory}；再运行 sampler -C {directory} log check"
    return Reply(data={"directory": str(directory), "files": len(files)}, text=text)
