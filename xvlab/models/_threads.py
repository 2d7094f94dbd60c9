"""Let the threads of torch wait patiently: a short spin, then sleep.

OpenMP's threads spin while they wait. On a machine that does other work too, spinning threads keep each other from the
cores: with six processes on two cores a training step took three to six times as long. Sleeping at once costs a quarter
of the speed on an idle machine. A short spin costs 5 % there and stays as quick as sleeping on a busy one. OpenMP reads
the variable when torch is loaded, so it must be set before; a choice that the user made already wins.
"""

from __future__ import annotations

import os

SPIN_COUNT = "" if "OMP_WAIT_POLICY" in os.environ else os.environ.setdefault("GOMP_SPINCOUNT", "20000")
