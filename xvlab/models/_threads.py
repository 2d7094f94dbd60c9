"""Let the threads of torch sleep while they wait, instead of spinning.

On a machine that does other work too, spinning threads keep each other from the cores: with six processes on two cores
a training step took three to six times as long. OpenMP reads this when torch is loaded, so it must be set before; a
value that is set already wins.
"""

from __future__ import annotations

import os

WAIT_POLICY = os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
