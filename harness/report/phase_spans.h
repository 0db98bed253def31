/* SPDX-License-Identifier: MIT
 *
 * phase_spans.h - the phases that a program says it is in, as parts of the allocation clock.
 */
#ifndef HY_PHASE_SPANS_H
#define HY_PHASE_SPANS_H

#include "report.h"

typedef struct hy_phase_span {
    double start, end; /* bytes allocated so far */
    unsigned number;   /* as in the table phase */
    char name[128];    /* "": in none */
} hy_phase_span;

typedef struct hy_phase_spans {
    hy_phase_span *span;
    size_t count;
} hy_phase_spans;

/* In order, up to `last`; what lies in no phase is not among them.  Count 0: the program says none.
 * 0 or -errno with the sentence. */
int hy_load_phase_spans(const hy_study *study, double last, hy_phase_spans *ret_spans, hy_error *error);
void hy_phase_spans_free(hy_phase_spans *spans);

#endif
