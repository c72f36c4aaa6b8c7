# SPDX-License-Identifier: MIT
"""How cost grows with the number of locations: tiers m x 400, and the picture of it."""

import html
import math
import statistics

from benchlib import report
from benchlib.report import Limit, Row
from weightslib import contenders, problems, solving

COUNTS = (500, 1000, 2000, 4000, 8000, 16000)
SLOPE = 1.4
LARGEST, LARGEST_MS, LARGEST_MIB = 28800, 10000, 150
PATIENCE_MS = 3000             # with LEMON, if not --full: then its line ends


def slope(points):
    """Of the line of least squares through the logarithms."""
    x, y = ([math.log(p[k]) for p in points] for k in (0, 1))
    return statistics.linear_regression(x, y).slope


def words(m):
    return "tiers %d 400" % m


def measured(stage, who, m):
    """Ours in every round, LEMON once; for most m the only check is that they agree."""
    seen = []
    for _ in range(stage.rounds if isinstance(who, contenders.Ours) else 1):
        seen.append(who.solve(stage.problem(words(m))))
        if seen[-1]:
            known = stage.known.setdefault(words(m), [int(seen[-1].said["value"])])
            contenders.check(words(m), who.name, seen[-1], known[0])
    return seen


def rows(stage, peers):
    ours = contenders.Ours(stage, solving.GIVEN)
    running = [ours] + [p for p in peers if p.name == "LEMON"]
    points = {who.name: [] for who in running}
    for m in COUNTS:
        stage.say(words(m))
        for who in list(running):
            points[who.name].append((m, solving.cpu_ms(measured(stage, who, m))))
            if points[who.name][-1][1] > PATIENCE_MS and who is not ours and not stage.full:
                running.remove(who)
    out = [Row("curve", "slope of log CPU over log m, m x 400", "", slope(points[ours.name]), [Limit(SLOPE)],
               {name: slope(p) for name, p in points.items() if name != ours.name},
               note=", ".join("%d: %s ms" % (m, report.number(ms)) for m, ms in points[ours.name]))]
    if stage.full:
        out += largest(stage, running, points)
    return out, points


def largest(stage, running, points):
    stage.say(words(LARGEST))
    seen = {who.name: measured(stage, who, LARGEST) for who in running}
    for name, s in seen.items():
        points[name].append((LARGEST, solving.cpu_ms(s)))
    ours, *beside = seen
    whole = stage.process([stage.nlbc, "weights", "solve", "--problem", stage.problem(words(LARGEST)), "--out", stage.path("result")])
    return [Row("curve", words(LARGEST), "ms", solving.cpu_ms(seen[ours]), [Limit(LARGEST_MS)],
                {name: solving.cpu_ms(seen[name]) for name in beside}),
            Row("curve", words(LARGEST) + ", memory in all", "MiB", whole.peak / problems.MIB, [Limit(LARGEST_MIB)],
                {name: solving.peak_mib(seen[name]) for name in beside if seen[name][0]})]


COLOURS = {solving.GIVEN: "#4a7fb5", "LEMON": "#c8553d"}
LEFT, TOP, WIDE, HIGH = 80, 70, 620, 380


def _ticks(low, high):
    """Powers of ten and their halves that lie within."""
    return [c * 10 ** e for e in range(-2, 8) for c in (1, 2, 5) if low <= c * 10 ** e <= high]


def save_svg(points, machine, path):
    """CPU over the number of locations, both as logarithms: a straight line is a power."""
    every = [p for line in points.values() for p in line]
    low, high = min(p[1] for p in every) / 1.5, max(p[1] for p in every) * 1.5
    span = math.log(high / low), math.log(max(p[0] for p in every) / COUNTS[0])

    def at(m, ms):
        return LEFT + WIDE * math.log(m / COUNTS[0]) / span[1], TOP + HIGH * (1 - math.log(ms / low) / span[0])

    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="800" height="520" viewBox="0 0 800 520">',
           "<style>%s</style>" % report.STYLE, '<rect width="100%" height="100%" fill="#fff"/>',
           '<text class="t" x="16" y="28">nlbc weights: CPU of problems tiers m × 400</text>',
           '<text class="s" x="16" y="48">%s</text>' % html.escape(report.machine_line(machine))]
    for ms in _ticks(low, high):
        y = at(COUNTS[0], ms)[1]
        out.append('<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>' % (LEFT, LEFT + WIDE, y, y))
        said = "%g s" % (ms / 1e3) if ms >= 1000 else "%g ms" % ms
        out.append('<text class="s" x="%d" y="%.1f" text-anchor="end">%s</text>' % (LEFT - 8, y + 4, said))
    for m in sorted({p[0] for p in every}):
        x = at(m, low)[0]
        out.append('<line class="grid" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>' % (x, x, TOP, TOP + HIGH))
        out.append('<text class="s" x="%.1f" y="%d" text-anchor="middle">%d</text>' % (x, TOP + HIGH + 18, m))
    out.append('<text class="s" x="%d" y="%d" text-anchor="middle">locations</text>' % (LEFT + WIDE // 2, TOP + HIGH + 40))
    for name, line in points.items():
        spots = [at(*p) for p in line]
        out.append('<polyline fill="none" stroke="%s" stroke-width="2" points="%s"/>' %
                   (COLOURS[name], " ".join("%.1f,%.1f" % s for s in spots)))
        out += ['<circle cx="%.1f" cy="%.1f" r="3.5" fill="%s"/>' % (s + (COLOURS[name],)) for s in spots]
        out.append('<text x="%.1f" y="%.1f" text-anchor="end" style="fill:%s">%s, slope %.2f</text>' %
                   (spots[-1][0] - 14, spots[-1][1] - 6, COLOURS[name], html.escape(name), slope(line)))
    out.append("</svg>\n")
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(out))
