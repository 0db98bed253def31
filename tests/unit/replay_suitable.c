/* SPDX-License-Identifier: MIT
 *
 * replay_suitable.c - which allocators cannot be measured on a program, and why.
 */
#include "replay_suitable.h"

#include "registry.h"
#include "suitable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void check_refusal(const char *spec, hy_program_facts facts, hy_pass pass, const char *says) {
    hy_instance instance;
    hy_error error = {""};
    assert_int_equal(hy_open(&hy_registry, (hy_text){spec, strlen(spec)}, NULL, &instance, NULL), 0);
    const int r = hy_suitable(&instance, &facts, pass, 1 << 30, &error);
    hy_close(&instance);
    assert_int_equal(r < 0, says != NULL);
    if (says && !strstr(error.text, says))
        fail_msg("\"%s\" lacks \"%s\"", error.text, says);
}

void test_unsuitable_pairs_are_refused(void **state) {
    (void)state;
    const hy_program_facts usual = {.total_bytes = 1 << 20,
                                    .region_bytes = 1 << 20,
                                    .peak_bytes = 1 << 16,
                                    .max_size = 1 << 12,
                                    .max_align = 16,
                                    .lifo = 0};
    hy_program_facts f = usual;
    check_refusal("first-fit", f, HY_PASS_VERIFY, NULL);
    check_refusal("null", f, HY_PASS_THROUGHPUT, NULL);
    check_refusal("region", f, HY_PASS_THROUGHPUT, NULL);
    check_refusal("bump", f, HY_PASS_THROUGHPUT, NULL);
    check_refusal("null", f, HY_PASS_VERIFY, "keeps no contents");
    check_refusal("null", f, HY_PASS_FOOTPRINT, "has no footprint");
    check_refusal("null", f, HY_PASS_YARD, "needs no yard");
    check_refusal("system", f, HY_PASS_YARD, "cannot be kept in a yard");
    check_refusal("stack", f, HY_PASS_YARD, "not last in, first out");
    check_refusal("pool", f, HY_PASS_YARD, NULL); /* what it cannot serve is counted there */
    check_refusal("stack", f, HY_PASS_THROUGHPUT, "not last in, first out");
    check_refusal("pool", f, HY_PASS_THROUGHPUT, "the trace asks for 4.0");
    f.region_bytes = f.total_bytes = 65 << 16;
    check_refusal("region", f, HY_PASS_THROUGHPUT, "more than 64 times");
    f.total_bytes = (uint64_t)1 << 31;
    check_refusal("bump", f, HY_PASS_THROUGHPUT, "never uses memory again");
    f = usual;
    f.lifo = 1;
    check_refusal("stack", f, HY_PASS_THROUGHPUT, NULL);
    f.max_size = (uint64_t)1 << 31;
    check_refusal("first-fit", f, HY_PASS_THROUGHPUT, "--max-heap is 1.0");
    f = usual;
    f.peak_bytes = (uint64_t)1 << 31;
    check_refusal("first-fit", f, HY_PASS_THROUGHPUT, "alive at once");
}
