"""A structural model of log1p counts: a local level, an AR(1) around it, waves of day and week.

    y(t) = level(t) + ar(t) + waves(t) b + noise      level a random walk, b fixed but unknown

Harvey, Forecasting, Structural Time Series Models and the Kalman Filter (1989). statsmodels fits it
(half a second a series, off the hot path); from then on it is carried forward hour by hour with the
textbook recursion, in some 20 microseconds an hour, and its state is a small record that a database
keeps.
"""

import warnings
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

DAILY: Final = 4  # harmonics: the shortest wave is six hours
WEEKLY: Final = 2
LONGEST_FIT: Final = 40  # steps of the optimiser: the likelihood is flat long before


class Structure(Struct, frozen=True, kw_only=True):
    """The model and what it knows before the next hour: state is level, AR, then waves."""

    phi: float  # of the AR(1)
    noise: float  # variance of an hour's own noise
    level_var: float  # variance of the level's step
    ar_var: float
    mean: tuple[float, ...]
    cov: tuple[float, ...]  # flat


class Paths(Struct, frozen=True, kw_only=True):
    """What the model knew before each hour of its history, (hours, states)."""

    means: Floats


def fit_structure(logs: Floats, waves: Floats, seen: Bools) -> tuple[Structure, Paths] | None:
    """Fit to log1p counts; None where no fit can be had (constant counts, say)."""
    # Imported here: it takes two seconds, which only a process that forecasts should pay.
    from statsmodels.tools.sm_exceptions import ModelWarning
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    values = np.where(seen, logs, np.nan)
    if seen.sum() < 4 * waves.shape[1] or float(np.nanstd(values)) < 1e-3:
        return None
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            # An optimiser that stops early has still found a usable model: judged by its forecasts.
            warnings.simplefilter("ignore", ModelWarning)
            warnings.simplefilter("ignore", RuntimeWarning)
            warnings.simplefilter("ignore", UserWarning)
            model = UnobservedComponents(
                values, level="local level", autoregressive=1, exog=waves, mle_regression=False
            )
            result = model.fit(disp=0, maxiter=LONGEST_FIT)
    except (ValueError, np.linalg.LinAlgError):
        return None
    order = _order(model)
    named = dict(zip(model.param_names, np.asarray(result.params).tolist(), strict=True))
    means = np.asarray(result.filter_results.predicted_state)[order].T
    cov = np.asarray(result.filter_results.predicted_state_cov)[:, :, -1][np.ix_(order, order)]
    structure = Structure(
        phi=named["ar.L1"],
        noise=named["sigma2.irregular"],
        level_var=named["sigma2.level"],
        ar_var=named["sigma2.ar"],
        mean=tuple(means[-1].tolist()),
        cov=tuple(cov.reshape(-1).tolist()),
    )
    # Never a model whose state is no number, or which runs away.
    usable = np.isfinite(means[-1]).all() and np.isfinite(cov).all() and abs(structure.phi) < 1
    return (structure, Paths(means=means[:-1])) if usable else None


def extended(structure: Structure, logs: Floats, waves: Floats, seen: Bools) -> Structure:
    """The model after more hours; its parameters stay."""
    mean = np.array(structure.mean)
    size = len(mean)
    cov = np.array(structure.cov).reshape(size, size)
    for value, row, known in zip(logs.tolist(), waves, seen.tolist(), strict=True):
        if known:
            design = np.concatenate([[1.0, 1.0], row])
            spread = cov @ design
            total = float(design @ spread) + structure.noise
            if total > 1e-12:
                mean = mean + spread * ((value - float(design @ mean)) / total)
                cov = cov - np.outer(spread, spread) / total
        mean[1] *= structure.phi
        cov[1, :] *= structure.phi
        cov[:, 1] *= structure.phi
        cov[0, 0] += structure.level_var
        cov[1, 1] += structure.ar_var
    return Structure(
        phi=structure.phi,
        noise=structure.noise,
        level_var=structure.level_var,
        ar_var=structure.ar_var,
        mean=tuple(mean.tolist()),
        cov=tuple(cov.reshape(-1).tolist()),
    )


def ahead(structure: Structure, mean: Floats, waves: Floats, first: int = 0) -> Floats:
    """Expected log1p counts of consecutive hours, from `first` hours after that of state `mean`."""
    lead = np.arange(first, first + len(waves))
    expected: Floats = mean[0] + mean[1] * structure.phi**lead + waves @ mean[2:]
    return expected


def _order(model: object) -> list[int]:
    """Where level, AR and waves stand in the state of statsmodels."""
    names = list(model.state_names)  # type: ignore[attr-defined]
    first = [names.index("level"), names.index("ar.L1")]
    return first + [i for i in range(len(names)) if i not in first]
