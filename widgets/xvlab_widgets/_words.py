"""Numbers and times in words, the same everywhere; ``js/shared/words.js`` mirrors what changes by the second."""

from __future__ import annotations

from datetime import datetime

from xvlab._clock import utc_now

NO_NUMBER = "\u2013"


def duration(seconds: float) -> str:
    """Write a duration with its two largest units, for example ``3 min 20 s``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def percent(share: float | None) -> str:
    """Write a share in [0, 1] with one decimal; a dash where there is none."""
    return NO_NUMBER if share is None else f"{100 * share:.1f} %"


def ago(moment: datetime) -> str:
    """Write how long ago an aware time was."""
    seconds = (utc_now() - moment).total_seconds()
    if seconds < 60:
        return "just now"
    for size, unit in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"
