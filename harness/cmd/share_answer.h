/* SPDX-License-Identifier: MIT
 *
 * share_answer.h - what the files of `heapyard share` share: each of its five parts is asked with the same wishes and
 * answers with sheets, a sentence, and its section of the page.
 */
#ifndef HY_SHARE_ANSWER_H
#define HY_SHARE_ANSWER_H

#include "command.h"
#include "machine_page.h"

#include <stddef.h>
#include <stdint.h>

typedef struct share_wish {
    unsigned nodes, processes, starts, trials; /* processes 0: each part's own number */
    uint64_t offered;                          /* bytes, by `demand` to each process */
    unsigned pages;                            /* that each touches */
    uint64_t seed;
} share_wish;

enum { SHARE_SHEETS = 3 };

typedef struct share_answer {
    hy_sheet sheet[SHARE_SHEETS];
    size_t sheets;
    char sentence[1024];
    char warning[512]; /* what could not be measured; "" */
    int code;          /* HY_EXIT_OK; HY_EXIT_MEASURED: something is not as it must be; HY_EXIT_CANNOT; HY_EXIT_INPUT */
} share_answer;

typedef struct share_part {
    const char *name, *title, *summary;
    /* Fills in the answer; what fails says so itself, and is in `code`. */
    void (*ask)(const share_wish *wish, share_answer *ret_answer);
    /* Its section, after the heading: text, the sheets, figures. */
    void (*tell)(const share_answer *answer, hy_machine_page *page);
} share_part;

extern const share_part share_memory, share_libraries, share_dll, share_aslr, share_demand;

/* For `ask`: says it on stderr; the code is HY_EXIT_CANNOT where the kernel refused, else HY_EXIT_INPUT. */
void share_refused(share_answer *answer, int error_code, const hy_error *error);

/* For `tell`: the figure at this row and column, and the word there. */
double share_figure(const hy_sheet *sheet, size_t row, size_t column);
const char *share_word(const hy_sheet *sheet, size_t row, size_t column);

#endif
