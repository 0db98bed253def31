/* SPDX-License-Identifier: MIT
 *
 * summary_cases.h - what the cases of summaries share: a trace out of a text.
 */
#ifndef SUMMARY_CASES_H
#define SUMMARY_CASES_H

#include "summary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Writes the trace that a text is.  0 or -errno with the sentence. */
int import_text(const char *text, hy_error *error);
/* What is in it. */
void summarise(const char *text, hy_trace_summary *sum, hy_trace_curve *curve);

/* The cases of text. */
void names_of_cxx_are_written_out(void **state);
void text_goes_round(void **state);
void bad_text_is_refused(void **state);
void long_lines_are_refused(void **state);
void odd_but_good_text_is_read(void **state);

#endif
