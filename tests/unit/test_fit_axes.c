/* SPDX-License-Identifier: MIT
 *
 * test_fit_axes.c - fit's axes: what goes together opens and works, and what does not is refused with the reason.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "heap_cases.h"

typedef enum structure { IMPLICIT, LIST, BINS, SIZE_TREE, ADDRESS_TREE, STRUCTURES } structure;

static const char *const structures[] = {"implicit", "list", "bins", "size-tree", "address-tree"};
static const char *const policies[] = {"first", "next", "best", "worst", "good"};
static const char *const orders[] = {"lifo", "fifo", "address"};
static const char *const metadatas[] = {"tags", "header", "out-of-band"};

/* The same table as in the design, one letter a policy. */
static const char *const served[STRUCTURES] = {"fnbw", "fnbw", "bwg", "bw", "fnw"};

static bool makes_sense(structure s, const char *policy, const char *order, const char *metadata) {
    const bool by_address = order[0] == 'a', headers = metadata[0] == 'h';
    if (!strchr(served[s], policy[0]))
        return false;
    if (s != LIST && s != BINS && !by_address)
        return false;
    return !headers || (by_address && s != BINS && s != SIZE_TREE);
}

/* Opens a spec and uses it a little; a refusal has a reason. */
static bool works(const char *spec) {
    hy_instance instance;
    hy_error error = {""};
    if (hy_open(&hy_registry, (hy_text){spec, strlen(spec)}, NULL, &instance, &error) < 0) {
        assert_non_null(strstr(error.text, "need") ? error.text : strstr(error.text, " is for "));
        return false;
    }
    shadow model = {.heap = instance.heap};
    uint64_t state = 9;
    for (unsigned i = 0; i < 300; i++)
        expect_fine(shadow_step(&model, &state, 60, 11), spec, "step", i);
    expect_fine(shadow_check(&model), spec, "check", 0);
    hy_close(&instance);
    return true;
}

static void every_combination(void **state) {
    char spec[200];
    (void)state;
    for (unsigned i = 0; i < STRUCTURES * 5 * 3 * 3; i++) {
        const structure s = (structure)(i / 45);
        const char *const policy = policies[i / 9 % 5], *const order = orders[i / 3 % 3],
                          *const meta = metadatas[i % 3];
        snprintf(spec, sizeof spec, "fit:structure=%s,policy=%s,order=%s,metadata=%s", structures[s], policy, order,
                 meta);
        if (works(spec) != makes_sense(s, policy, order, meta))
            fail_msg("%s: %s", spec, makes_sense(s, policy, order, meta) ? "refused" : "not refused");
    }
}

/* What is left open is put such that it works, whatever the policy. */
static void left_open(void **state) {
    static const char *const given[] = {"", ",order=address", ",order=fifo", ",metadata=header",
                                        ",metadata=out-of-band"};
    char spec[200];
    (void)state;
    for (unsigned i = 0; i < 25; i++) {
        snprintf(spec, sizeof spec, "fit:policy=%s%s", policies[i / 5], given[i % 5]);
        const bool good_by_header = policies[i / 5][0] == 'g' && i % 5 == 3;
        assert_true(works(spec) != good_by_header);
    }
    for (unsigned s = 0; s < STRUCTURES; s++) {
        snprintf(spec, sizeof spec, "fit:structure=%s,policy=%s", structures[s], s == ADDRESS_TREE ? "next" : "best");
        assert_true(works(spec));
    }
}

/* One hole is looked at to learn the largest size, and once more as the first of that size. */
static void worst_by_size_looks_twice(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("fit:policy=worst,structure=size-tree", NULL, &instance);
    assert_non_null(hy_alloc(instance.heap, 100, 16));
    hy_stats before = {0}, after = {0};
    instance.heap->ops->stats(instance.heap, &before);
    assert_non_null(hy_alloc(instance.heap, 100, 16));
    instance.heap->ops->stats(instance.heap, &after);
    assert_int_equal(after.searches - before.searches, 1);
    assert_int_equal(after.search_steps - before.search_steps, 2);
    hy_close(&instance);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_combination), cmocka_unit_test(left_open),
                                       cmocka_unit_test(worst_by_size_looks_twice)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
