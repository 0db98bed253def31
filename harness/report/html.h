/* SPDX-License-Identifier: MIT
 *
 * html.h - the parts that a page is put together from.  Only html*.c and machine_page.c include it.
 */
#ifndef HY_HTML_H
#define HY_HTML_H

#include "report.h"

/* A chapter of the page after the traces; html_chapters in html.c is the list.  `write` makes a <section> with that id,
 * headed by an <h2>. */
typedef struct html_chapter {
    const char *id, *title;                   /* title: in the navigation, short */
    bool (*present)(const hy_report *report); /* NULL: always */
    int (*write)(const hy_report *report, FILE *out, hy_error *error);
    /* Instead of it, for those who draw pictures of their own in `folder` (html_figure). */
    int (*draw)(const hy_report *report, const char *folder, bool *no_gnuplot, FILE *out, hy_error *error);
} html_chapter;

/* A part of a trace's section, after its tables and figures; html_parts in html.c is the list.  Heads itself with an
 * <h3>, or writes nothing if nothing was measured for it.  Its script is one more in html_scripts. */
typedef int html_part(const hy_report *report, const hy_study *study, FILE *out, hy_error *error);

/* html.c: everything before <body>. */
void html_begin(const char *title, const char *more_css, FILE *out);
/* html_answer.c, html_verdicts.c, html_study.c: the page from top to bottom. */
void html_answers(const hy_report *report, FILE *out);
void html_verdicts(const hy_report *report, FILE *out);
int html_study(const hy_report *report, const hy_study *study, const char *folder, bool *no_gnuplot, FILE *out,
               hy_error *error);
/* Draws it, with its caption.  Once gnuplot is found missing, it is not asked again. */
/* How to make the figure or table again; nothing for "". */
void html_reproduce(const char *id, FILE *out);
/* The same as a line of its own, below a table; study NULL: of all traces. */
void html_reproduce_line(const hy_study *study, const char *what, FILE *out);
int html_figure(const char *folder, hy_figure *figure, bool *no_gnuplot, FILE *out, hy_error *error);

/* html_programs.c: the chapter of real programs, where the report's databases have some. */
bool html_has_programs(const hy_report *report);
int html_programs(const hy_report *report, const char *folder, bool *no_gnuplot, FILE *out, hy_error *error);

/* html_strip.c: ratios to the baseline as small pictures on one axis. */
typedef struct html_scale {
    double low, high, width; /* width in CSS pixels */
} html_scale;
html_scale html_scale_of(const hy_report *report, hy_overview what, double width);
void html_strip_study(const html_scale *scale, const hy_study *study, const hy_entry *taken, hy_overview what,
                      FILE *out);
void html_strip_entry(const html_scale *scale, const hy_study *study, const hy_entry *entry, hy_overview what,
                      FILE *out);
void html_strip_axis(const html_scale *scale, FILE *out);

/* html_table.c.  Cells with a figure carry it as data-v, for sorting. */
void html_table(const hy_report *report, const hy_study *study, const hy_column *columns, const char *caption,
                FILE *out);
/* Its parts: the next column that is shown, a head, a cell, and the cells of an allocator that got through nothing,
 * where `more` columns stand beside those listed. */
const hy_column *html_next(const hy_column *column);
void html_head_cell(const hy_column *column, const hy_study *study, FILE *out);
void html_cell(const hy_column *column, const hy_study *study, const hy_entry *entry, FILE *out);
void html_nothing(const hy_study *study, const hy_entry *entry, const hy_column *columns, int more, FILE *out);
/* A verdict with its sign; nothing for "". */
void html_word(const char *word, FILE *out);
void html_summary(const hy_report *report, FILE *out);
void html_matrix(const hy_report *report, hy_overview what, const char *caption, FILE *out);

/* html_phases.c: nothing where the program says no phases. */
html_part html_phases;

/* html_facts.c: JSON objects as lists of name and value, and everything that it takes to measure again. */
void html_facts(const char *json, FILE *out);
void html_trace_line(const hy_study *study, FILE *out);
/* html_maps.c */
int html_maps(const hy_report *report, FILE *out, hy_error *error);
int html_environment(const hy_report *report, FILE *out, hy_error *error);

#endif
