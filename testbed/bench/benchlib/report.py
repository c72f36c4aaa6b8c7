# SPDX-License-Identifier: MIT
"""What was measured, as a table for people, JSON for programs, and bars (SVG)."""

import html
import json
import os
import platform
import subprocess


class Row:
    """One judged figure: ours against a limit. `beside` is what was measured besides and is not judged, `note` what else is
    to be known."""

    def __init__(self, test, what, unit, ours=None, limits=(), beside=None, why="", note=""):
        self.test, self.what, self.unit, self.ours = test, what, unit, ours
        self.limits = limits
        self.beside = beside or {}
        self.why = why                      # of "not measured"
        self.note = note

    @property
    def verdict(self):
        if self.ours is None or self.why:
            return "not measured"
        return "ok" if all(limit.holds(self.ours) for limit in self.limits) else "MISSED"


class Limit:
    """ours <= factor x peer, or, without a peer, ours <= factor. Where rounds were compared one by one, `measured` is
    the median of their ratios, and that is what counts."""

    sign = "<="

    def __init__(self, factor, peer_name="", peer=None, measured=None):
        self.factor, self.peer_name, self.peer, self.measured = factor, peer_name, peer, measured

    def ratio(self, ours):
        if self.measured is not None:
            return self.measured
        return ours / self.peer if self.peer else None

    def _part(self, ours):
        return ours if self.peer is None else self.ratio(ours) or 0

    def holds(self, ours):
        return self._part(ours) <= self.factor

    def share(self, ours):
        """1 is exactly the target."""
        return self._part(ours) / self.factor if self.factor else 0


class AtLeast(Limit):
    """The other way round: peer >= factor x ours, or, without a peer, ours >= factor. `measured` is peer over ours."""

    sign = ">="

    def ratio(self, ours):
        if self.measured is not None:
            return self.measured
        return self.peer / ours if self.peer and ours else None

    def holds(self, ours):
        return self._part(ours) >= self.factor

    def share(self, ours):
        part = self._part(ours)
        return self.factor / part if part else float("inf")


def number(value):
    if value is None:
        return "-"
    return "%.0f" % value if abs(value) >= 100 else "%.1f" % value if abs(value) >= 10 else "%.2f" % value


def _lines(rows):
    yield ("test", "what", "ours", "peer", "", "ratio", "target", "verdict")
    for row in rows:
        first = True
        for limit in row.limits or (None,):
            ours = "%s %s" % (number(row.ours), row.unit)
            if limit is None:
                cells = ("", "", "", "")
            elif limit.peer is None:
                cells = ("", "", "", "%s %s %s" % (limit.sign, number(limit.factor), row.unit))
            else:
                ratio = number(limit.ratio(row.ours)) if row.ours is not None else "-"
                cells = ("%s %s" % (number(limit.peer), row.unit), limit.peer_name, ratio, "%s %.3g x" % (limit.sign, limit.factor))
            head = (row.test, row.what, ours) if first else ("", "", "")
            yield head + cells + (row.verdict if first else "",)
            first = False


def table(rows):
    lines = list(_lines(rows))
    width = [max(len(line[c]) for line in lines) for c in range(8)]
    right = (2, 3, 5)
    out = []
    for line in lines:
        out.append("  ".join(t.rjust(w) if c in right else t.ljust(w) for c, (t, w) in enumerate(zip(line, width))).rstrip())
    beside = [row for row in rows if row.beside or row.why or row.note]
    if beside:
        out += ["", "beside them, not judged"]
    first, wide = (max((len(getattr(row, key)) for row in beside), default=0) for key in ("test", "what"))
    for row in beside:
        said = ", ".join("%s %s" % (name, number(value)) for name, value in row.beside.items())
        said = "; ".join(t for t in (said + " " + row.unit if said else "", row.why, row.note) if t)
        out.append("  %s  %s  %s" % (row.test.ljust(first), row.what.ljust(wide), said))
    return "\n".join(out)


def machine(*asks):
    """What the figures were taken on; `asks` are commands that say their version."""
    cpu = "unknown CPU"
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        for line in f:
            if line.startswith("model name"):
                cpu = line.split(":", 1)[1].strip()
                break
    versions = {}
    for words in asks:
        p = subprocess.run(words, text=True, capture_output=True)
        versions[words[0]] = next((w.strip("(),") for w in (p.stdout + p.stderr).replace("/", " ").split()
                                   if w.strip("v(),")[:1].isdigit() or w.startswith("iproute2-")), "?")
    load = os.getloadavg()
    return {"cpu": cpu, "cpus": os.cpu_count(), "kernel": platform.release(), "load": [round(x, 2) for x in load],
            "versions": versions}


def machine_line(m):
    said = "".join(", %s %s" % item for item in m["versions"].items())
    return "%s, %d CPUs, kernel %s%s, load %.1f" % (m["cpu"], m["cpus"], m["kernel"], said, m["load"][0])


def save_json(rows, m, rounds, path):
    tests = []
    for row in rows:
        tests.append({
            "test": row.test, "what": row.what, "unit": row.unit, "ours": row.ours, "verdict": row.verdict,
            "limits": [{"sign": x.sign, "factor": x.factor, "peer": x.peer_name or None, "value": x.peer,
                        "ratio": x.ratio(row.ours) if row.ours is not None else None} for x in row.limits],
            "beside": getattr(row, "details", row.beside), "note": row.why or row.note or None,
        })
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"machine": m, "rounds": rounds, "tests": tests}, f, indent=1)
        f.write("\n")


def _shares(rows):
    for row in rows:
        for limit in row.limits if row.ours is not None else ():
            share = limit.share(row.ours)
            against = "%s %s" % (number(limit.peer), limit.peer_name) if limit.peer is not None else ""
            label = "%s %s" % (number(row.ours), row.unit) + (" / %s" % against if against else "")
            met = "not" if row.why else "ok" if limit.holds(row.ours) else "MISSED"
            yield row, share, label, met


STYLE = """text{font:13px system-ui,sans-serif;fill:#222}.t{font-size:16px;font-weight:600}.s{fill:#666;font-size:12px}
.v{font-size:12px;fill:#444}.ok{fill:#4a7fb5}.MISSED{fill:#c8553d}.not{fill:#b8b8b8}.goal{stroke:#222;stroke-width:1.5}
.grid{stroke:#e3e3e3}"""


def save_svg(title, rows, m, path):
    """One bar a figure: what part of its limit it takes. The line is the limit; shorter is better."""
    bars = list(_shares(rows))
    left, goal, row_high, top = 400, 300, 24, 84
    reach = goal * 1.5
    width, high = 1220, top + row_high * len(bars) + 24
    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d">' % (width, high, width, high),
           "<style>%s</style>" % STYLE, '<rect width="100%" height="100%" fill="#fff"/>',
           '<text class="t" x="16" y="28">%s: each figure as a part of its target</text>' % html.escape(title),
           '<text class="s" x="16" y="48">%s</text>' % html.escape(machine_line(m))]
    for part in (0, 0.5, 1, 1.5):
        x = left + goal * part
        out.append('<line class="%s" x1="%g" x2="%g" y1="%d" y2="%d"/>' % ("goal" if part == 1 else "grid", x, x, top - 8, high - 20))
        out.append('<text class="s" x="%g" y="%d" text-anchor="middle">%s</text>' %
                   (x, top - 12, "target" if part == 1 else "%g" % part))
    for i, (row, share, label, met) in enumerate(bars):
        y = top + i * row_high
        long = max(1.0, min(goal * share, reach))    # what is longer ends at the edge; its number says how long
        out.append('<text x="16" y="%d">%s</text>' % (y + 14, html.escape("%s  %s" % (row.test, row.what))))
        out.append('<rect class="%s" x="%d" y="%d" width="%.1f" height="14" rx="2"/>' %
                   (met, left, y + 3, long))
        out.append('<text class="v" x="%.1f" y="%d">%s</text>' %
                   (left + reach + 14, y + 14, html.escape("%.2f  (%s)" % (share, label))))
    out.append("</svg>\n")
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(out))
