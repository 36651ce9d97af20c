"""Figures as text, and the targets that they meet or miss."""

GIB = 1 << 30


def ratio(median, of, to):
    """Seconds of one contestant over those of another, or None if one was not run."""
    if of not in median or to not in median:
        return None
    return median[of]["seconds"] / median[to]["seconds"]


def table(scales):
    """One line for each scale and contestant: medians; memory is the highest of all runs."""
    lines = ["", f"{'scale':>5}  {'':<14}{'median s':>9}{'fastest':>9}{'slowest':>9}{'CPU s':>8}{'peak MiB':>10}"
             f"{'MB written':>12}{'goldsmith is':>14}"]
    for scale, result in scales.items():
        median = result["median"]
        for name, figures in median.items():
            times = ratio(median, "goldsmith", name)
            lines.append(
                f"{scale:>5}  {name:<14}{figures['seconds']:>9.2f}{figures['fastest_seconds']:>9.2f}"
                f"{figures['slowest_seconds']:>9.2f}"
                + (f"{figures['cpu_seconds']:>8.2f}" if "cpu_seconds" in figures else f"{'':>8}")
                + (f"{figures['peak_memory_bytes'] / (1 << 20):>10.0f}" if "peak_memory_bytes" in figures else f"{'':>10}")
                + f"{figures['bytes_written'] / 1e6:>12.1f}"
                + ("" if name == "goldsmith" or times is None else f"{times:>11.2f} x"))
            if name.startswith("floor"):
                lines.append(f"{'':>7}  decode {figures['read_seconds']:.2f}, encode {figures['write_seconds']:.2f}")
    return "\n".join(lines)


def targets(scales):
    """What was to be reached on two cores: a value, a limit and whether it is met, for the scales that were run."""
    found = []

    def add(what, value, limit, unit):
        if value is not None:
            found.append({"target": what, "value": round(value, 3), "limit": limit, "unit": unit, "met": value <= limit})

    one = scales.get("1", {}).get("median", {})
    ten = scales.get("10", {}).get("median", {})
    if one:
        add("scale 1: time over floor", ratio(one, "goldsmith", "floor"), 1.5, "x")
        add("scale 1: time over floor, one thread a file", ratio(one, "goldsmith", "floor-files"), 1.5, "x")
        add("scale 1: time over DuckDB", ratio(one, "goldsmith", "duckdb"), 1.0, "x")
        add("scale 1: time over DuckDB, sorted", ratio(one, "goldsmith", "duckdb-sorted"), 1.0, "x")
        add("scale 1: peak memory", one["goldsmith"]["peak_memory_bytes"] / GIB, 1.0, "GiB")
    if ten:
        add("scale 10: peak memory", ten["goldsmith"]["peak_memory_bytes"] / GIB, 2.0, "GiB")
    if one and ten:
        add("scale 10: time over scale 1", ten["goldsmith"]["seconds"] / one["goldsmith"]["seconds"], 11.0, "x")
    return found


def target_lines(found):
    """A line for each target: met, or missed and by how much."""
    lines = [""]
    for target in found:
        text = f"{target['target']}: {target['value']:.2f} {target['unit']}, at most {target['limit']:g}"
        missed = f"MISSED by {100 * (target['value'] / target['limit'] - 1):.0f} %"
        lines.append(f"{'met' if target['met'] else missed:<18}{text}")
    return "\n".join(lines)
