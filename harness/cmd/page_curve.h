/* SPDX-License-Identifier: MIT
 *
 * page_curve.h - what `heapyard page curve` and `sizes` find out, for their answers and for the page of the report.
 */
#ifndef HY_PAGE_CURVE_H
#define HY_PAGE_CURVE_H

#include "machine_answer.h"
#include "miss_curve.h"
#include "page.h"

typedef struct page_curves {
    const page_input *input;
    uint64_t page_size;
    uint32_t pages;
    hy_miss_curve *curve; /* one for each pager of the options */
} page_curves;

/* 0, or an exit code after saying why. */
int page_curves_make(const page_options *options, const page_input *input, uint64_t page_size, page_curves *ret);
void page_curves_free(page_curves *curves);

/* Appends to sheets of these columns. */
void page_curves_list(const page_options *options, const page_curves *curves, hy_sheet *sheet);
void page_curves_list_knees(const page_options *options, const page_curves *curves, hy_sheet *sheet);
hy_sheet page_curve_sheet(void);
hy_sheet page_knee_sheet(void);

/* page_sizes.c: what a page size means for a trace: rows for each size, with faults at a given memory (0: none). */
hy_sheet page_size_sheet(void);
typedef struct page_size_row {
    uint64_t page_size, memory, pages, used; /* used: bytes of touched granules */
    uint64_t faults;                         /* of the first pager, with `memory` as frames; UINT64_MAX: no frame */
    double walks, tables;                    /* walks a reference and bytes; NAN: not a size of page tables */
} page_size_row;
/* Fills in and appends one; `ret` may be NULL.  0, or an exit code after saying why. */
int page_sizes_list(const page_options *options, const page_input *input, uint64_t page_size, uint64_t memory,
                    hy_sheet *sheet, page_size_row *ret);
/* Sizes that are tried where none are named: from the granule up to 2M. */
page_numbers page_sizes_usual(const page_input *input);

/* page_report.c: the page of the report; `curves`: for each input one of each page size.  An exit code. */
int page_report(const page_options *options, const page_inputs *inputs, const page_curves *curves);

#endif
