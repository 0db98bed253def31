/* SPDX-License-Identifier: MIT
 *
 * test_fit_merge.c - fit's merge policies: random sequences under each of them, on each structure and metadata.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "heap_cases.h"

static const char *const merges[] = {"never",      "immediate", "every:1",   "every:3",  "every:64",
                                     "bytes:1000", "bytes:64K", "count:4",   "count:50", "onfail",
                                     "large:100",  "large:4K",  "quick:1",   "quick:8",  "quick:1000",
                                     "slice:1",    "slice:5",   "ratio:0.1", "ratio:2",  NULL};

static const char *const bases[] = {"fit:policy=first",
                                    "fit:policy=next,order=fifo",
                                    "fit:policy=next,order=address,structure=list",
                                    "fit:policy=best,structure=list,order=address,metadata=header",
                                    "fit:policy=best,structure=bins,grain=1",
                                    "fit:policy=worst,structure=bins,order=address",
                                    "fit:policy=good",
                                    "fit:policy=good,order=fifo,grain=1,reserve=256K,chunk=4K",
                                    "fit:policy=first,structure=implicit",
                                    "fit:policy=next,structure=implicit,metadata=header",
                                    "fit:policy=best,structure=implicit,grain=1,trim=8K,chunk=4K",
                                    NULL};

static void for_each(void (*run)(const char *spec)) {
    char spec[256];
    for (const char *const *base = bases; *base; base++)
        for (const char *const *merge = merges; *merge; merge++) {
            snprintf(spec, sizeof spec, "%s,merge=%s", *base, *merge);
            run(spec);
        }
}

static void random_run(const char *spec) {
    run_random(spec, 1, 1500, 200, 12);
    run_random(spec, 2, 600, 30, 17);
}

static void random_sequences(void **state) {
    (void)state;
    for_each(random_run);
}

static void alignments(void **state) {
    (void)state;
    for_each(run_alignments);
}
static void walks(void **state) {
    (void)state;
    for_each(run_walk);
}
static void resets(void **state) {
    (void)state;
    for_each(run_reset);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_sequences),
        cmocka_unit_test(alignments),
        cmocka_unit_test(walks),
        cmocka_unit_test(resets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
