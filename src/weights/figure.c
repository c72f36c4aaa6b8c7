/* SPDX-License-Identifier: MIT */
/* Title and legend above, below them frame and ticks, then curves. Steps smaller than can be seen are left out. */
#include "base/base.h"

#include <math.h>

#include "base/text.h"
#include "weights/decimal.h"
#include "weights/export_parts.h"
#include "weights/figure.h"

enum {
	WIDTH = 800, HEIGHT = 500, LEFT = 76, RIGHT = 776, BOTTOM = 432, HEAD = 72,
	TICKS = 7, PERCENT_STEP = 20, LEGEND_ROWS = 7, LEGEND_STEP = 21, LEGEND_CHARACTERS = 88,
};

/* Told apart also by those who see fewer colours. */
static const char *const colours[] = { "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9" };

struct drawing {
	const struct figure *g;
	double from, to;                 /* of the x axis */
	double step;                     /* between ticks: mantissa · 10^exponent */
	int mantissa, exponent;
	size_t legend;                   /* lines of it */
	int top;                         /* below the legend */
	struct text t;
};

/* Tenths of a pixel, whatever the locale says of the point. */
static void add_tenths(struct text *t, double v)
{
	const long tenths = lround(v * 10);

	text_printf(t, "%s%ld", tenths < 0 ? "-" : "", labs(tenths) / 10);
	if (tenths % 10 != 0)
		text_printf(t, ".%ld", labs(tenths) % 10);
}

static void add_escaped(struct text *t, const char *s)
{
	auto_text struct text plain = { 0 };

	text_add_printable(&plain, str_of(s));
	for (const char *p = text_get(&plain); *p; p++) {
		const char *const as = *p == '&' ? "&amp;" : *p == '<' ? "&lt;" : *p == '>' ? "&gt;" : *p == '"' ? "&quot;" : NULL;

		if (as)
			text_puts(t, as);
		else
			text_putc(t, *p == '\t' ? ' ' : *p);
	}
}

/* ---- the axes -------------------------------------------------------------------------------------------------- */
/* 1, 2 or 5 times a power of ten, so that there are about TICKS of them. */
static void choose_ticks(struct drawing *d)
{
	const double span = d->g->x_to > d->g->x_from ? d->g->x_to - d->g->x_from : 1;
	const double rough = span / TICKS;

	d->exponent = (int)floor(log10(rough));
	d->exponent = d->exponent < -18 ? -18 : d->exponent > 18 ? 18 : d->exponent;
	const double power = pow(10, d->exponent);

	d->mantissa = rough <= power ? 1 : rough <= 2 * power ? 2 : rough <= 5 * power ? 5 : 10;
	d->step = d->mantissa * power;
	d->from = floor(d->g->x_from / d->step) * d->step;
	d->to = ceil((d->g->x_from + span) / d->step - 1e-9) * d->step;
}

static double place_x(const struct drawing *d, double x)
{
	const double part = (x - d->from) / (d->to - d->from);

	return LEFT + (part < 0 ? 0 : part > 1 ? 1 : part) * (RIGHT - LEFT);
}

static double place_y(const struct drawing *d, double y)
{
	return BOTTOM - (y < 0 ? 0 : y > 1 ? 1 : y) * (BOTTOM - d->top);
}

static void add_line(struct text *t, const char *class, double x1, double y1, double x2, double y2)
{
	const double at[] = { x1, y1, x2, y2 };
	const char *const names[] = { "x1", "y1", "x2", "y2" };

	text_printf(t, "<line class=\"%s\"", class);
	for (size_t i = 0; i < ARRAY_LEN(at); i++) {
		text_printf(t, " %s=\"", names[i]);
		add_tenths(t, at[i]);
		text_putc(t, '"');
	}
	text_puts(t, "/>\n");
}

static void add_tick_label(struct drawing *d, long k)
{
	char buf[DECIMAL_TEXT];
	const wide ticks = (wide)k * d->mantissa;

	if (d->exponent >= -6 && d->exponent <= 6) {
		text_puts(&d->t, decimal_print(ticks, 1, -d->exponent, d->exponent < 0 ? (unsigned)-d->exponent : 0, buf));
		return;
	}
	text_puts(&d->t, decimal_print(ticks, 1, 0, 0, buf));
	if (ticks != 0)
		text_printf(&d->t, "e%d", d->exponent);
}

static void draw_x_axis(struct drawing *d)
{
	const long first = lround(d->from / d->step), last = lround(d->to / d->step);

	for (long k = first; k <= last; k++) {
		const double x = place_x(d, (double)k * d->step);

		add_line(&d->t, "grid", x, d->top, x, BOTTOM + 5);
		text_puts(&d->t, "<text class=\"tick\" text-anchor=\"middle\" x=\"");
		add_tenths(&d->t, x);
		text_printf(&d->t, "\" y=\"%d\">", BOTTOM + 20);
		add_tick_label(d, k);
		text_puts(&d->t, "</text>\n");
	}
	text_printf(&d->t, "<text class=\"axis\" text-anchor=\"middle\" x=\"%d\" y=\"%d\">", (LEFT + RIGHT) / 2, BOTTOM + 48);
	add_escaped(&d->t, d->g->x_label);
	text_puts(&d->t, "</text>\n");
}

static void draw_y_axis(struct drawing *d)
{
	for (int percent = 0; percent <= 100; percent += PERCENT_STEP) {
		const double y = place_y(d, percent / 100.0);

		add_line(&d->t, "grid", LEFT - 5, y, RIGHT, y);
		text_printf(&d->t, "<text class=\"tick\" text-anchor=\"end\" x=\"%d\" y=\"", LEFT - 10);
		add_tenths(&d->t, y + 4);
		text_printf(&d->t, "\">%d %%</text>\n", percent);
	}
	text_printf(&d->t, "<text class=\"axis\" text-anchor=\"middle\" transform=\"translate(22 %d) rotate(-90)\">",
		    (d->top + BOTTOM) / 2);
	add_escaped(&d->t, d->g->y_label);
	text_puts(&d->t, "</text>\n");
}

static void draw_frame(struct drawing *d)
{
	const struct figure *g = d->g;

	text_printf(&d->t,
		    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\">\n<title>",
		    WIDTH, HEIGHT, WIDTH, HEIGHT);
	add_escaped(&d->t, g->title);
	text_puts(&d->t, "</title>\n<desc>");
	add_escaped(&d->t, g->subtitle);
	text_printf(&d->t,
		    "</desc>\n<style>text { font-family: \"Helvetica Neue\", Arial, \"Liberation Sans\", sans-serif; fill: #333 } "
		    ".title { font-size: 20px; font-weight: bold; fill: #111 } .note { font-size: 13px; fill: #666 } "
		    ".tick { font-size: 12px } .axis { font-size: 14px } .label { font-size: 13px } "
		    ".grid { stroke: #e4e4e4; stroke-width: 1 } .edge { stroke: #666; stroke-width: 1.2 } "
		    ".curve { fill: none; stroke-width: 2.2; stroke-linejoin: round } .base { stroke: #777; stroke-dasharray: 7 4 }"
		    "</style>\n<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n<text class=\"title\" x=\"%d\" y=\"36\">",
		    WIDTH, HEIGHT, LEFT);
	add_escaped(&d->t, g->title);
	text_printf(&d->t, "</text>\n<text class=\"note\" x=\"%d\" y=\"60\">", LEFT);
	add_escaped(&d->t, g->subtitle);
	text_puts(&d->t, "</text>\n");
	draw_x_axis(d);
	draw_y_axis(d);
	add_line(&d->t, "edge", LEFT, BOTTOM, RIGHT, BOTTOM);
	add_line(&d->t, "edge", LEFT, d->top, LEFT, BOTTOM);
}

/* ---- the curves ------------------------------------------------------------------------------------------------ */
/* class and colour of curve i. */
static void add_stroke(struct drawing *d, size_t i)
{
	size_t n = 0;

	for (size_t k = 0; k < i; k++)
		n += !d->g->curves[k].is_base;
	if (d->g->curves[i].is_base)
		text_puts(&d->t, "class=\"curve base\"");
	else
		text_printf(&d->t, "class=\"curve\" stroke=\"%s\"", colours[n % ARRAY_LEN(colours)]);
	if (!d->g->curves[i].is_base && n >= ARRAY_LEN(colours))
		text_printf(&d->t, " stroke-dasharray=\"%zu 3\"", 2 + 2 * (n / ARRAY_LEN(colours)));
}

static void draw_curve(struct drawing *d, size_t i)
{
	const struct figure_curve *c = &d->g->curves[i];
	double x = LEFT, y = place_y(d, 0);

	text_puts(&d->t, "<path ");
	add_stroke(d, i);
	text_puts(&d->t, " d=\"M");
	add_tenths(&d->t, x);
	text_putc(&d->t, ' ');
	add_tenths(&d->t, y);
	for (size_t k = 0; k < c->n; k++) {
		const double to_x = place_x(d, c->steps[k].x), to_y = place_y(d, c->steps[k].y);
		const bool is_dense = k + 1 < c->n && place_x(d, c->steps[k + 1].x) - x < 0.4;

		if (fabs(to_y - y) < (is_dense ? 0.4 : 0.05))
			continue;                /* the next one takes it along */
		text_puts(&d->t, "H");
		add_tenths(&d->t, to_x);
		text_puts(&d->t, "V");
		add_tenths(&d->t, to_y);
		x = to_x;
		y = to_y;
	}
	text_puts(&d->t, "H");
	add_tenths(&d->t, RIGHT);
	text_puts(&d->t, "\"/>\n");
}

/* ---- the legend ------------------------------------------------------------------------------------------------ */
/* At most LEGEND_CHARACTERS of s, the end where there are more: files differ there. */
static void add_label(struct text *t, const char *s)
{
	auto_text struct text plain = { 0 };

	text_add_printable(&plain, str_of(s));
	const char *p = text_get(&plain);
	size_t n = 0;

	for (const char *q = p; *q; q++)
		n += (*q & 0xc0) != 0x80;
	if (n > LEGEND_CHARACTERS) {
		text_puts(t, "…");
		for (n -= LEGEND_CHARACTERS - 1; n > 0; p++)
			n -= (p[1] & 0xc0) != 0x80;
	}
	add_escaped(t, p);
}

static void draw_legend(struct drawing *d)
{
	const struct figure *g = d->g;

	for (size_t i = 0; i < d->legend; i++) {
		const int y = HEAD + (int)i * LEGEND_STEP + LEGEND_STEP / 2;
		const bool is_rest = i + 1 == d->legend && g->n > d->legend;

		if (!is_rest) {
			text_puts(&d->t, "<path ");
			add_stroke(d, i);
			text_printf(&d->t, " d=\"M%d %dh32\"/>", LEFT, y);
		}
		text_printf(&d->t, "<text class=\"label\" x=\"%d\" y=\"%d\">", LEFT + 42, y + 4);
		if (is_rest)
			text_printf(&d->t, "and %zu more", g->n - i);
		else
			add_label(&d->t, g->curves[i].label);
		text_puts(&d->t, "</text>\n");
	}
}

int figure_write(const struct figure *g, FILE *f)
{
	struct drawing d = { .g = g };

	d.legend = MIN(g->n, (size_t)LEGEND_ROWS);
	d.top = HEAD + (int)d.legend * LEGEND_STEP + 14;
	choose_ticks(&d);
	draw_frame(&d);
	for (size_t i = g->n; i-- > 0;)
		draw_curve(&d, i);
	draw_legend(&d);
	text_puts(&d.t, "</svg>\n");
	const int err = export_flush(&d.t, f, true);

	text_release(&d.t);
	return err;
}
