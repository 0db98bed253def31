/* SPDX-License-Identifier: MIT
 *
 * What `heapyard share` computes, where the answer is known: birthdays, intervals, entropy of made-up addresses, the
 * crossover of two lines.  What it measures: tests/share/share.py.
 */
#include "bases.h"
#include "random.h"
#include "smaps.h"
#include "starts.h"
#include "tenants.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static bool near(double value, double expected, double tolerance) {
    return fabs(value - expected) <= tolerance;
}

static void birthdays_are_as_in_the_books(void **state) {
    assert_true(near(hy_birthday(23, 365), 0.5073, 0.0001));
    assert_true(near(hy_birthday(70, 365), 0.9992, 0.0001));
    assert_true(hy_birthday(1, 365) == 0);
    assert_true(hy_birthday(366, 365) == 1);
}

/* Libraries of one grain are birthdays. */
static void one_grain_is_a_birthday(void **state) {
    uint64_t size[64];
    for (size_t i = 0; i < 64; i++)
        size[i] = HY_BASE_GRAIN;
    const hy_base_plan plan = {.size = size,
                               .population = 64,
                               .window = 365 * HY_BASE_GRAIN,
                               .choice = HY_BASE_RANDOM,
                               .loaded = 23,
                               .trials = 4000,
                               .seed = 7};
    const hy_base_result result = hy_bases_simulate(&plan);
    const double share = (double)result.colliding / (double)result.trials, right = hy_birthday(23, 365);
    assert_true(near(share, right, 4 * sqrt(right * (1 - right) / 4000)));
    assert_true(near(hy_birthday_intervals(23, (double)HY_BASE_GRAIN, plan.window), right, 0.02));
}

static hy_base_result try_choice(hy_choice_of_base choice, uint64_t window) {
    static const uint64_t size[] = {100000, 200000, 300000, 65536};
    const hy_base_plan plan = {
        .size = size, .population = 4, .window = window, .choice = choice, .loaded = 3, .trials = 50, .seed = 1};
    return hy_bases_simulate(&plan);
}

static void bases_of_their_own_never_collide(void **state) {
    const hy_base_result result = try_choice(HY_BASE_ASSIGNED, (uint64_t)1 << 31);
    assert_int_equal(result.colliding, 0);
    assert_int_equal(result.libraries, 150);
}

static void one_base_for_all_serves_the_first(void **state) {
    const hy_base_result result = try_choice(HY_BASE_DEFAULT, (uint64_t)1 << 31);
    assert_int_equal(result.colliding, 50);
    assert_int_equal(result.moved, 100);
}

static void full_windows_begin_anew(void **state) {
    const hy_base_result result = try_choice(HY_BASE_ASSIGNED, 6 * HY_BASE_GRAIN);
    assert_true(result.colliding > 0);
}

static hy_starts make_starts(size_t count, unsigned bits, uint64_t grain, bool even) {
    hy_starts starts = {calloc(count, sizeof *starts.address), count};
    assert_non_null(starts.address);
    for (size_t i = 0; i < count; i++) {
        const double unit = hy_random_unit(5, i), share = even ? unit : unit * unit;
        starts.address[i][HY_SPOT_TEXT] = 0x555500000000u + (uint64_t)(share * exp2(bits)) * grain;
        starts.address[i][HY_SPOT_HEAP] = starts.address[i][HY_SPOT_TEXT] + 12345 * grain;
        starts.address[i][HY_SPOT_STACK] = 0x7fff0000;
    }
    return starts;
}

static void even_addresses_have_their_bits(void **state) {
    hy_starts starts = make_starts(2000, 28, 4096, true);
    const hy_spread spread = hy_starts_spread(&starts, HY_SPOT_TEXT, HY_SPOTS);
    assert_int_equal(spread.grain, 4096);
    assert_true(near(spread.range_bits, 28, 0.02));
    assert_true(near(spread.single_bits, 28, 0.6));
    assert_true(spread.chance > 0.001);
    hy_starts_free(&starts);
}

static void uneven_addresses_are_found_out(void **state) {
    hy_starts starts = make_starts(2000, 28, 4096, false);
    const hy_spread spread = hy_starts_spread(&starts, HY_SPOT_TEXT, HY_SPOTS);
    assert_true(spread.chance < 1e-6);
    hy_starts_free(&starts);
}

static void what_stays_has_no_bits(void **state) {
    hy_starts starts = make_starts(100, 28, 4096, true);
    const hy_spread same = hy_starts_spread(&starts, HY_SPOT_STACK, HY_SPOTS);
    const hy_spread known = hy_starts_spread(&starts, HY_SPOT_HEAP, HY_SPOT_TEXT);
    assert_true(same.grain == 0 && same.range_bits == 0 && same.single_bits == 0 && same.distinct == 1);
    assert_true(known.grain == 0 && known.range_bits == 0);
    hy_starts_free(&starts);
}

static void chi_square_is_as_in_the_tables(void **state) {
    assert_true(near(hy_chi_square_above(44.985, 31), 0.05, 0.001));
    assert_true(near(hy_chi_square_above(52.191, 31), 0.01, 0.001));
    assert_true(near(hy_chi_square_above(18.307, 10), 0.05, 0.001));
}

static hy_tenancy tenancy(size_t processes, size_t memory) {
    return (hy_tenancy){.processes = processes, .memory = memory};
}

static void lines_cross_where_they_do(void **state) {
    /* 10 each against 25 and 5 each: the same at 5 */
    const hy_tenancy apart[] = {tenancy(1, 10), tenancy(16, 160)}, shared[] = {tenancy(1, 30), tenancy(16, 105)};
    assert_int_equal(hy_tenants_crossover(&apart[0], &apart[1], &shared[0], &shared[1]), 6);
    assert_int_equal(hy_tenants_crossover(&shared[0], &shared[1], &apart[0], &apart[1]), 0);
}

static void the_kernel_says_what_is_touched(void **state) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *const range = mmap(NULL, 8 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    hy_smaps smaps;
    hy_error error;
    assert_true(range != MAP_FAILED);
    assert_int_equal(mprotect(range + page, 4 * page, PROT_READ | PROT_WRITE), 0);
    range[page] = range[3 * page] = 1;
    assert_int_equal(hy_smaps_read(getpid(), &smaps, &error), 0);
    const hy_mapping *const mapping = hy_smaps_at(&smaps, (uintptr_t)range + page);
    assert_non_null(mapping);
    assert_true(mapping->to - mapping->from == 4 * page);
    assert_true(mapping->rss == 2 * page && mapping->anonymous == 2 * page && mapping->private_dirty == 2 * page);
    assert_string_equal(mapping->permissions, "rw-p");
    hy_smaps_free(&smaps);
    munmap(range, 8 * page);
}

static void who_is_not_there_has_no_mappings(void **state) {
    hy_smaps smaps;
    hy_error error;
    assert_true(hy_smaps_read(0x7ffffff0, &smaps, &error) < 0);
    assert_non_null(strstr(error.text, "/proc/2147483632/smaps"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(birthdays_are_as_in_the_books),    cmocka_unit_test(one_grain_is_a_birthday),
        cmocka_unit_test(bases_of_their_own_never_collide), cmocka_unit_test(one_base_for_all_serves_the_first),
        cmocka_unit_test(full_windows_begin_anew),          cmocka_unit_test(even_addresses_have_their_bits),
        cmocka_unit_test(uneven_addresses_are_found_out),   cmocka_unit_test(what_stays_has_no_bits),
        cmocka_unit_test(chi_square_is_as_in_the_tables),   cmocka_unit_test(lines_cross_where_they_do),
        cmocka_unit_test(the_kernel_says_what_is_touched),  cmocka_unit_test(who_is_not_there_has_no_mappings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
