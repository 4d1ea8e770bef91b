"""How numbers, durations, sizes and ages look, everywhere in the product."""

from __future__ import annotations

import math

SIGNIFICANT_DIGITS = 4


def format_number(value: float | int | None, digits: int = SIGNIFICANT_DIGITS) -> str:
    """A number with `digits` significant digits: `0.9312`, `12.3`, `100,482`, `1.2e-07`, `NaN`, `∞`.

    Whole numbers below 10^15 keep every digit; None is `–`.
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if abs(value) < 10**15:
            return f"{value:,}"
        value = float(value) if abs(value) < 10**308 else math.inf if value > 0 else -math.inf
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    magnitude = abs(value)
    if value == int(value) and magnitude < 1e15:
        return f"{int(value):,}"
    if magnitude < 1e-4 or magnitude >= 1e15:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        if "." in mantissa:
            mantissa = mantissa.rstrip("0").rstrip(".")
        return f"{mantissa}e{exponent}"
    decimals = max(0, digits - 1 - math.floor(math.log10(magnitude)))
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_duration(duration_s: float | None) -> str:
    """`0.4s`, `12s`, `3m12s`, `2h05m`, `3d04h`; None is `–`."""
    if duration_s is None:
        return "–"
    if duration_s < 0:
        return "−" + format_duration(-duration_s)
    if duration_s < 9.95:
        return f"{duration_s:.1f}s"
    total = round(duration_s)
    if total < 60:
        return f"{total}s"
    if total < 3600:
        return f"{total // 60}m{total % 60:02d}s"
    if total < 86400:
        return f"{total // 3600}h{total % 3600 // 60:02d}m"
    return f"{total // 86400}d{total % 86400 // 3600:02d}h"


def format_age(age_s: float | None) -> str:
    """One unit: `now`, `42s`, `3m`, `2h`, `5d`, `7w`, `2y`; None is `–`."""
    if age_s is None:
        return "–"
    if age_s < 1:
        return "now"
    for limit, unit, name in ((60, 1, "s"), (3600, 60, "m"), (86400, 3600, "h"), (86400 * 14, 86400, "d")):
        if age_s < limit:
            return f"{int(age_s // unit)}{name}"
    if age_s < 86400 * 365:
        return f"{int(age_s // (86400 * 7))}w"
    return f"{int(age_s // (86400 * 365))}y"


def format_size(size_bytes: int | float | None) -> str:
    """Decimal units: `812 B`, `11.3 kB`, `412 MB`; None is `–`."""
    if size_bytes is None:
        return "–"
    size = float(size_bytes)
    if abs(size) < 1000:
        return f"{int(size)} B"
    for unit in ("kB", "MB", "GB", "TB"):
        size /= 1000
        if abs(size) < 999.5:
            return f"{size:.3g} {unit}"
        if unit == "TB":
            return f"{size:,.0f} TB"
    raise AssertionError("unreachable")
