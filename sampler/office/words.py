"""How to check the draw, and what a check does and does not show, in the words the documents print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sampler.wording import weak_points

if TYPE_CHECKING:
    from sampler.office.views import DrawView


def commands(view: DrawView) -> tuple[tuple[str, str], ...]:
    """Return what to do and the command that does it."""
    code = view.seal_code.replace(" ", "")
    return (
        ("复算整个过程", "sampler verify 材料目录"),
        ("并核对审批表上的封存码", f'sampler verify 材料目录 --seal-code "{view.seal_code}"'),
        ("并固定章程（密钥）", f"sampler verify 材料目录 --charter {view.charter} --seal-code {code}"),
        ("并与外部取得的日志检查点对照", "sampler verify 材料目录 --head 检查点文件"),
        ("查询某个检查对象", f"sampler explain {view.draw_id} 统一社会信用代码"),
    )


def proved() -> tuple[str, ...]:
    """Return what holds when every step of `sampler verify` passes."""
    return (
        "名录、分层、权重、抽查比例和检查人员名录在种子产生之前已经封存，此后未被改动。",
        "种子由封存值、公开数和各方密值算出；给定种子，名单唯一确定，任何人都能复算。",
        "每个检查对象的被抽查概率与封存的方案一致。",
        "检查小组由同一种子随机匹配，符合回避、资质、工作量等封存条件；空缺按规则产生，均已列出。",
    )


def not_proved(view: DrawView) -> tuple[str, ...]:
    """Return what no replay can show, and what this draw in particular lacks."""
    return (
        "名录在录入时是否完整，不能由复算证明。",
        "知情人是否对外泄露名单，不能由复算证明。",
        "现场检查是否如实进行，不能由复算证明。",
        *weak_points(outsider=view.outsider, source=view.source),
    )


def warnings(view: DrawView) -> tuple[str, ...]:
    """Return what a reader must know before using the documents of this draw."""
    lines = []
    if view.demo:
        lines.append("演示：密值和时钟取自固定标签，仅供展示，不得用于实际检查。")
    if view.amended:
        lines.append(
            f"小组为第 {view.amended} 次变更后的现行派人，变更过的注明次数；此前打印的作废。摇号时的结果见证据包。"
        )
    return tuple(lines)
