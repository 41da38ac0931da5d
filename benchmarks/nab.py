"""The bare-series detector by the rule of the Numenta Anomaly Benchmark, at its own threshold.

    python -m benchmarks.nab --score NAB_SCORE.py --data NAB

NAB holds series (timestamp,value) and combined_windows.json. The scores are those that `groundswell
detect --scores` writes; the threshold is the limit of a volume surge at each sensitivity, fixed
without these series (`benchmarks.calibrate`). The best threshold afterwards is printed beside them.
"""

import argparse
import math
import subprocess
import sys
import tempfile
from pathlib import Path

from forecasting.limits import LIMITS
from streams.detect import asked, detect_file, write_scores


def main() -> None:
    """Print a line for each threshold and cost profile."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--score", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    wanted = asked(sensitivity="balanced", kinds=("volume_surge",), timezone="UTC")
    found = [detect_file(path, wanted) for path in sorted(options.data.glob("*.csv"))]
    with tempfile.TemporaryDirectory() as folder:
        scores = Path(folder) / "scores.csv"
        write_scores(scores, found, "UTC")
        for name, limits in LIMITS.items():
            print(f"{name}: {math.expm1(limits.burst):.1f} standard deviations")
            print(_run(options, scores, "--threshold", str(limits.burst - 1e-6)))
        print("the best threshold afterwards, of each profile")
        print(_run(options, scores))


def _run(options: argparse.Namespace, scores: Path, *more: str) -> str:
    command = [sys.executable, str(options.score), "--truth", str(options.data), str(scores), *more]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return told.replace(f"{scores}\t", "  ")


if __name__ == "__main__":
    main()
