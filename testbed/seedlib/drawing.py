# SPDX-License-Identifier: MIT
"""A drawing (SVG) that is put together piece by piece: text, lines, areas, in one quiet style."""

import html

COLOURS = ("#4a7fb5", "#e0a458", "#6aa67f", "#b4657f")
STYLE = """text{font:12px system-ui,sans-serif;fill:#222}.t{font-size:17px;font-weight:600}.h{font-size:13px;font-weight:600}
.s{fill:#666}.seed{fill:#a03c28}.grid{stroke:#e3e3e3;fill:none}.axis{stroke:#999;fill:none}.line{fill:none;stroke-width:1.8}"""


class Drawing:
    def __init__(self, width, height, title, subtitle):
        self.width, self.height = width, height
        self.parts = []
        self.text(16, 28, title, "t")
        self.text(16, 48, subtitle, "s")

    def text(self, x, y, said, kind="", anchor="start"):
        self.parts.append('<text class="%s" x="%.1f" y="%.1f" text-anchor="%s">%s</text>' % (kind, x, y, anchor, html.escape(said)))

    def rect(self, x, y, w, h, colour):
        self.parts.append('<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>' % (x, y, max(w, 0), max(h, 0), colour))

    def line(self, x1, y1, x2, y2, kind="grid"):
        self.parts.append('<line class="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>' % (kind, x1, y1, x2, y2))

    def dot(self, x, y, colour, r=4):
        self.parts.append('<circle cx="%.1f" cy="%.1f" r="%g" fill="%s"/>' % (x, y, r, colour))

    def curve(self, points, colour):
        self.parts.append('<polyline class="line" stroke="%s" points="%s"/>' % (colour, " ".join("%.1f,%.1f" % p for p in points)))

    def area(self, points, colour):
        self.parts.append('<polygon fill="%s" points="%s"/>' % (colour, " ".join("%.1f,%.1f" % p for p in points)))

    def legend(self, x, y, names):
        for name, colour in names:
            self.rect(x, y - 10, 12, 12, colour)
            self.text(x + 17, y, name)
            x += 17 + 7 * len(name) + 22

    def save(self, path):
        with open(path, "w", encoding="utf-8") as f:
            f.write('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d">\n<style>%s</style>\n'
                    '<rect width="100%%" height="100%%" fill="#fff"/>\n' % (self.width, self.height, self.width, self.height, STYLE))
            f.write("\n".join(self.parts) + "\n</svg>\n")
