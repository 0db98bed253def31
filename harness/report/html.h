/* SPDX-License-Identifier: MIT
 *
 * html.h - the parts that a page is put together from.  Only html*.c include it.
 */
#ifndef HY_HTML_H
#define HY_HTML_H

#include "report.h"

/* html_table.c */
void html_table(const hy_report *report, const hy_study *study, const hy_column *columns, const char *caption,
                FILE *out);
void html_summary(const hy_report *report, FILE *out);
void html_matrix(const hy_report *report, hy_overview what, const char *caption, FILE *out);

/* html_facts.c: JSON objects as lists of name and value, and everything that it takes to measure again. */
void html_facts(const char *json, FILE *out);
void html_trace_line(const hy_study *study, FILE *out);
void html_environment(const hy_report *report, FILE *out);

#endif
