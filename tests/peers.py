"""The tools that draw with unequal probabilities, each as one function from a frame and a seed to positions.

Runs in the environment that `make bench PART=draw` prepares (dependency group `bench`); nothing here enters the
product. Each tool is called as its documentation shows, with whatever it wants prepared before the clock starts.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sampler import canon
from sampler.select import exact, fast, lanes
from sampler.ticket import ticket

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import consistent_sampler
    import pysps
    from samplics import SelectMethod
    from samplics.sampling import SampleSelection

Floats = NDArray[np.float64]
Drawn = NDArray[np.int64]
SHARE = 0.02


@dataclass
class Frame:
    """N units with lognormal sizes; `pi` is proportional to size, as every tool's user expects."""

    N: int
    n: int
    seed: int = 1
    sizes: Floats = field(init=False)
    pi: Floats = field(init=False)
    ids: list[str] = field(init=False)

    def __post_init__(self) -> None:
        """Make sizes, targets and what the tools want at hand."""
        self.sizes = np.random.default_rng(self.seed).lognormal(0, 1, self.N)
        self.pi = np.minimum(self.n * self.sizes / self.sizes.sum(), 0.999)
        self.ids = [f"91370200MA{i:08X}" for i in range(self.N)]
        self.L = np.clip(np.rint(self.pi * 2**32), 1, 2**32 - 1).astype(np.int64)
        self.p = self.sizes / self.sizes.sum()
        self.table = pd.DataFrame({"size": self.sizes})
        self.stratum = np.zeros(self.N, dtype=np.int32)
        self.key = canon.sha256(b"benchmark")
        self.top = lanes.heads(self.key, self.ids)


def _key(seed: int) -> bytes:
    return canon.H("benchmark", seed)


def _ours(f: Frame, top: NDArray[np.uint64], key: bytes) -> exact.Choice:
    of = fast.units(f.ids, f.L, f.stratum, top)
    return fast.choose_many(of, [f.n], 10, partial(ticket, key))[0]


def selection(f: Frame, _seed: int) -> object:
    """Ours, hashing aside."""
    return _ours(f, f.top, f.key)


def hashlib(f: Frame, seed: int) -> object:
    """Ours with hashlib."""
    return _ours(f, fast.heads(_key(seed), f.ids), _key(seed))


def tickets(f: Frame, seed: int) -> object:
    """Our compiled tickets, without a selection."""
    return lanes.heads(_key(seed), f.ids)


def compiled(f: Frame, seed: int) -> object:
    """Ours with compiled tickets."""
    return _ours(f, lanes.heads(_key(seed), f.ids), _key(seed))


def rule(f: Frame, seed: int) -> object:
    """Ours, the rule in pure Python, as verify runs it."""
    return exact.choose(zip(f.ids, f.L.tolist(), strict=True), _key(seed), f.n, 10)


def numpy_choice(f: Frame, seed: int) -> Drawn:
    """Draw by draw without replacement."""
    return np.random.default_rng(seed).choice(f.N, f.n, replace=False, p=f.p)


def pandas_sample(f: Frame, seed: int) -> Drawn:
    """Draw by draw without replacement."""
    return f.table.sample(n=f.n, weights="size", random_state=seed).index.to_numpy()


def pysps_order(f: Frame, seed: int) -> Drawn:
    """Order sampling by floats, Pareto shape."""
    uniform = np.random.default_rng(seed).random(f.N)
    return np.asarray(pysps.OrderSample(pysps.InclusionProb(f.sizes, f.n), uniform, shape=1).units)


def _samplics(method: SelectMethod, f: Frame, seed: int) -> Drawn:
    np.random.seed(seed)  # noqa: NPY002  # samplics draws from the global generator and takes no seed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = SampleSelection(method=method, strat=False, wr=False).select(np.arange(f.N), f.n, mos=f.sizes)
    return np.flatnonzero(found[0])  # a mask over the frame


def consistent(f: Frame, seed: int) -> object:
    """Equal probabilities only."""
    drawn = consistent_sampler.sampler(f.ids, seed, with_replacement=False, take=f.n, output="id")
    return list(drawn)


Tool = Callable[[Frame, int], object]
OURS: dict[str, Tool] = {
    "ours: selection, tickets at hand": selection,
    "ours: compiled tickets": tickets,
    "ours: compiled tickets + selection": compiled,
    "ours: hashlib tickets + selection": hashlib,
    "ours: the rule in pure Python (verify)": rule,
}
PEERS: dict[str, Tool] = {
    "numpy `choice(p, replace=False)`": numpy_choice,
    "pandas `sample(weights)`": pandas_sample,
    "pysps `OrderSample`, Pareto": pysps_order,
    "samplics PPS systematic": partial(_samplics, SelectMethod.pps_sys),
    "samplics PPS Brewer": partial(_samplics, SelectMethod.pps_brewer),
    "samplics PPS Rao-Sampford": partial(_samplics, SelectMethod.pps_rs),
    "consistent_sampler (equal probabilities only)": consistent,
}
