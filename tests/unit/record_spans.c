/* SPDX-License-Identifier: MIT
 *
 * record_spans.c - ranges of addresses against a search that looks at all of them.
 */
#include "record_spans.h"

#include "random.h"
#include "spans.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { MANY = 60, ADDRESSES = 400 };

typedef struct range {
    uint64_t start, end;
} range;

/* The one that starts last, then the shortest; MANY: none. */
static unsigned slow_find(const range *ranges, uint64_t address) {
    unsigned best = MANY;
    for (unsigned i = 0; i < MANY; i++) {
        if (address < ranges[i].start || address >= ranges[i].end)
            continue;
        const bool later = best == MANY || ranges[i].start > ranges[best].start;
        if (later || (ranges[i].start == ranges[best].start && ranges[i].end < ranges[best].end))
            best = i;
    }
    return best;
}

static uint64_t slow_reach(const range *ranges, uint64_t address) {
    uint64_t reach = 0;
    for (unsigned i = 0; i < MANY; i++)
        if (ranges[i].start <= address && ranges[i].end > reach)
            reach = ranges[i].end;
    return reach;
}

void spans_are_found_as_by_looking_at_all(void **state) {
    for (uint64_t seed = 0; seed < 50; seed++) {
        hy_spans spans = {.count = 0};
        range ranges[MANY];
        for (unsigned i = 0; i < MANY; i++) {
            const uint64_t start = hy_random_below(seed, 2 * i, ADDRESSES);
            ranges[i] = (range){start, start + hy_random_below(seed, 2 * i + 1, i % 9 ? 8 : 90)};
            assert_true(hy_spans_add(&spans, ranges[i].start, ranges[i].end, i, &ranges[i]));
        }
        hy_spans_sort(&spans);
        for (uint64_t address = 0; address < ADDRESSES + 100; address++) {
            const hy_span *const found = hy_spans_find(&spans, address);
            const unsigned expected = slow_find(ranges, address);
            assert_int_equal(found == NULL, expected == MANY);
            if (found)
                assert_ptr_equal(found->what, &ranges[expected]);
            assert_int_equal(hy_spans_reach(&spans, address), slow_reach(ranges, address));
        }
        hy_spans_free(&spans);
    }
}

void of_spans_that_are_alike_the_lower_rank_counts(void **state) {
    hy_spans spans = {.count = 0};
    hy_spans_sort(&spans);
    assert_null(hy_spans_find(&spans, 0));
    assert_true(hy_spans_add(&spans, 10, 20, 3, "third") && hy_spans_add(&spans, 10, 20, 1, "first") &&
                hy_spans_add(&spans, 10, 20, 2, "second"));
    hy_spans_sort(&spans);
    assert_string_equal(hy_spans_find(&spans, 19)->what, "first");
    hy_spans_free(&spans);
}
