/* SPDX-License-Identifier: MIT
 *
 * html.h - the parts that a page is put together from.  Only html*.c include it.
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
} html_chapter;

/* A part of a trace's section, after its tables and figures; html_parts in html.c is the list.  Heads itself with an
 * <h3>, or writes nothing if nothing was measured for it.  Its script is one more in html_scripts. */
typedef int html_part(const hy_report *report, const hy_study *study, FILE *out, hy_error *error);

/* html_table.c */
void html_table(const hy_report *report, const hy_study *study, const hy_column *columns, const char *caption,
                FILE *out);
void html_summary(const hy_report *report, FILE *out);
void html_matrix(const hy_report *report, hy_overview what, const char *caption, FILE *out);

/* html_facts.c: JSON objects as lists of name and value, and everything that it takes to measure again. */
void html_facts(const char *json, FILE *out);
void html_trace_line(const hy_study *study, FILE *out);
int html_environment(const hy_report *report, FILE *out, hy_error *error);

#endif
