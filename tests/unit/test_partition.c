/* SPDX-License-Identifier: MIT
 *
 * test_partition.c - contiguous memory: fixed partitions against an array of blocks, dynamic ones beside them, and
 * memories that grow old; sizes of programs are in partition_sizes.c.
 */
#include "ageing.h"
#include "block_map.h"
#include "executables.h"
#include "exercise.h"
#include "fragmentation.h"
#include "partition_sizes.h"
#include "peak.h"

#include <errno.h>
#include <math.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const policies[] = {"first", "next", "best", "worst"};

static void must_open(size_t size, const char *spec, hy_memory *memory) {
    hy_error error;
    if (hy_memory_open(size, spec, memory, &error) < 0)
        fail_msg("%s", error.text);
}

/* ------------------------------------------------------------------------------------------ an array of blocks ---- */

#define BLOCKS 200
#define BLOCK 64

typedef struct array {
    int owner[BLOCKS]; /* 0: free */
    int rover;
} array;

/* The run of free blocks around or behind `at`; its length, or 0. */
static int run_at(const array *self, int at, int *ret_start) {
    while (at < BLOCKS && self->owner[at])
        at++;
    *ret_start = at;
    int length = 0;
    while (at + length < BLOCKS && !self->owner[at + length])
        length++;
    return length;
}

static int array_first(const array *self, int from, int to, int need) {
    int start = 0;
    for (int length, at = from; (length = run_at(self, at, &start)) > 0 && start < to; at = start + length)
        if (length >= need)
            return start;
    return -1;
}

static int array_extreme(const array *self, int need, bool longest) {
    int start = 0, found = -1, best = 0;
    for (int length, at = 0; (length = run_at(self, at, &start)) > 0; at = start + length) {
        if (length < need || (found >= 0 && (longest ? length <= best : length >= best)))
            continue;
        found = start;
        best = length;
    }
    return found;
}

/* The place for `need` blocks, or -1. */
static int array_place(const array *self, int policy, int need) {
    if (policy == 0)
        return array_first(self, 0, BLOCKS, need);
    if (policy >= 2)
        return array_extreme(self, need, policy == 3);
    int rover = self->rover;
    while (rover > 0 && !self->owner[rover - 1])
        rover--;
    const int behind = array_first(self, rover, BLOCKS, need);
    return behind >= 0 ? behind : array_first(self, 0, rover, need);
}

static void array_set(array *self, int start, int count, int owner) {
    for (int i = 0; i < count; i++)
        self->owner[start + i] = owner;
}

typedef struct program {
    void *place;
    int start, blocks;
    size_t asked;
} program;

/* Random programs come and go; the allocator must place each where the array does, and know what is lost. */
static void play_against_array(int policy, uint64_t seed) {
    char spec[HY_SPEC_SIZE];
    hy_memory memory;
    array model = {.rover = 0};
    program programs[64] = {{0}};
    size_t asked = 0, rounded = 0;
    snprintf(spec, sizeof spec, HY_FIXED_SPEC, (size_t)BLOCK, policies[policy]);
    must_open((size_t)BLOCKS * BLOCK, spec, &memory);
    for (int step = 0; step < 3000; step++) {
        const int which = (int)(exercise_random(&seed) % 64);
        program *const p = &programs[which];
        if (p->place) {
            hy_free(memory.heap, p->place, p->asked);
            array_set(&model, p->start, p->blocks, 0);
            asked -= p->asked;
            rounded -= (size_t)p->blocks * BLOCK;
            p->place = NULL;
        } else {
            p->asked = 1 + exercise_random(&seed) % (12 * BLOCK);
            p->blocks = (int)((p->asked + BLOCK - 1) / BLOCK);
            p->start = array_place(&model, policy, p->blocks);
            p->place = hy_alloc(memory.heap, p->asked, 1);
            if (p->start < 0) {
                assert_null(p->place);
                continue;
            }
            assert_non_null(p->place);
            assert_int_equal(hy_memory_base(&memory, p->place), (size_t)p->start * BLOCK);
            array_set(&model, p->start, p->blocks, which + 1);
            model.rover = p->start + p->blocks;
            asked += p->asked;
            rounded += (size_t)p->blocks * BLOCK;
        }
        hy_fragmentation sums;
        hy_fragmentation_measure(&memory.instance, &sums);
        assert_int_equal(sums.usable, rounded);
        assert_int_equal(sums.usable - asked, rounded - asked);
        assert_int_equal(sums.free, (size_t)BLOCKS * BLOCK - rounded);
    }
    exercise_check(memory.heap);
    hy_memory_close(&memory);
}

static void placements_are_those_of_an_array(void **state) {
    (void)state;
    for (int policy = 0; policy < 4; policy++)
        for (uint64_t seed = 1; seed <= 3; seed++)
            play_against_array(policy, seed * 77);
}

/* First, best and worst fit decide alike on fixed partitions and on dynamic ones, if sizes are whole blocks. */
static void dynamic_partitions_decide_alike(void **state) {
    (void)state;
    static const int alike[] = {0, 2, 3};
    for (size_t k = 0; k < 3; k++) {
        char specs[2][HY_SPEC_SIZE];
        hy_memory memories[2];
        void *places[2][64] = {{NULL}};
        uint64_t seed = 5;
        snprintf(specs[0], sizeof specs[0], HY_FIXED_SPEC, (size_t)BLOCK, policies[alike[k]]);
        snprintf(specs[1], sizeof specs[1], HY_DYNAMIC_SPEC, policies[alike[k]]);
        for (int m = 0; m < 2; m++)
            must_open((size_t)BLOCKS * BLOCK, specs[m], &memories[m]);
        for (int step = 0; step < 2000; step++) {
            const size_t which = exercise_random(&seed) % 64, size = (1 + exercise_random(&seed) % 12) * BLOCK;
            for (int m = 0; m < 2; m++) {
                hy_heap *const heap = memories[m].heap;
                if (places[m][which]) {
                    hy_free(heap, places[m][which], 0);
                    places[m][which] = NULL;
                } else
                    places[m][which] = hy_alloc(heap, size, 1);
            }
            assert_int_equal(places[0][which] == NULL, places[1][which] == NULL);
            if (places[0][which])
                assert_int_equal(hy_memory_base(&memories[0], places[0][which]),
                                 hy_memory_base(&memories[1], places[1][which]));
        }
        for (int m = 0; m < 2; m++)
            hy_memory_close(&memories[m]);
    }
}

/* What is asked for is what is had, to the byte. */
static void dynamic_partitions_lose_nothing(void **state) {
    (void)state;
    for (int policy = 0; policy < 4; policy++) {
        char spec[HY_SPEC_SIZE];
        hy_memory memory;
        hy_fragmentation sums;
        size_t asked = 0;
        uint64_t seed = 9;
        snprintf(spec, sizeof spec, HY_DYNAMIC_SPEC, policies[policy]);
        must_open(100000, spec, &memory);
        for (int i = 0; i < 50; i++) {
            const size_t size = 16 + exercise_random(&seed) % 1000;
            assert_non_null(hy_alloc(memory.heap, size, 1));
            asked += size;
        }
        hy_fragmentation_measure(&memory.instance, &sums);
        assert_int_equal(sums.usable, asked);
        assert_int_equal(sums.free, 100000 - asked);
        hy_memory_close(&memory);
    }
}

static size_t resident(void) {
    size_t pages = 0, in_memory = 0;
    FILE *const in = fopen("/proc/self/statm", "re");
    assert_non_null(in);
    assert_int_equal(fscanf(in, "%zu %zu", &pages, &in_memory), 2);
    fclose(in);
    return in_memory * 4096;
}

/* 1 TiB: programs of gigabytes come, go and are placed as in 40 blocks; a few megabytes of memory are enough. */
static void a_terabyte_costs_what_is_used_of_it(void **state) {
    (void)state;
    const size_t gib = (size_t)1 << 30, before = resident();
    static const char *const specs[] = {"partitions:block=4K,policy=best", "partitions:block=1G,policy=best",
                                        "fit:policy=best,metadata=out-of-band,grain=1,structure=list,order=address"};
    for (size_t i = 0; i < 3; i++) {
        hy_memory memory;
        must_open(1024 * gib, specs[i], &memory);
        hy_heap *const heap = memory.heap;
        hy_alloc(heap, 300 * gib, 1);
        void *const x = hy_alloc(heap, 250 * gib, 1);
        hy_alloc(heap, 175 * gib, 1);
        void *const y = hy_alloc(heap, 100 * gib, 1);
        hy_alloc(heap, 125 * gib, 1);
        hy_free(heap, x, 0);
        hy_free(heap, y, 0);
        assert_int_equal(hy_memory_base(&memory, hy_alloc(heap, 75 * gib, 1)), 725 * gib);
        assert_null(hy_alloc(heap, 300 * gib, 1));
        assert_int_equal(hy_memory_base(&memory, hy_alloc(heap, 250 * gib, 1)), 300 * gib);
        hy_memory_close(&memory);
    }
    assert_true(resident() < before + (200 << 20)); /* bitmaps of 1 TiB in blocks of 4 KiB: 64 MiB if all were used */
}

/* ------------------------------------------------------------------------------------------------------ ageing ---- */

#define WINDOWS 4

static hy_ageing let_age(const char *spec, const hy_ageing_rule *rule, hy_ageing windows[WINDOWS]) {
    hy_memory memory;
    hy_error error;
    must_open(4 << 20, spec, &memory);
    if (hy_age(rule, &memory, windows, &error) < 0)
        fail_msg("%s", error.text);
    exercise_check(memory.heap);
    hy_memory_close(&memory);
    return hy_ageing_sum(windows, WINDOWS / 2, WINDOWS);
}

static void fits_grow_old_differently(void **state) {
    (void)state;
    const hy_ageing_rule rule = {.programs = 4000, .load = 1, .seed = 3, .mean = 16 << 10, .windows = WINDOWS};
    hy_ageing sums[4], windows[WINDOWS];
    for (int policy = 0; policy < 4; policy++) {
        char spec[HY_SPEC_SIZE];
        snprintf(spec, sizeof spec, "partitions:block=256,policy=%s", policies[policy]);
        sums[policy] = let_age(spec, &rule, windows);
        assert_int_equal(sums[policy].arrived, 2000);
        assert_int_equal(sums[policy].admitted + sums[policy].refused, 2000);
        assert_true(sums[policy].external <= sums[policy].refused);
        assert_true(sums[policy].scanned >= 1 && sums[policy].scanned <= (4 << 20) / 256);
        assert_true(sums[policy].slivers <= sums[policy].holes);
        assert_true(windows[0].slivers < windows[WINDOWS - 1].slivers || policy == 3);
    }
    const hy_ageing *const first = &sums[0], *const next = &sums[1], *const best = &sums[2], *const worst = &sums[3];
    assert_true(next->scanned < first->scanned && first->scanned < best->scanned);
    assert_true(worst->slivers < best->slivers);
    assert_true(best->refused < worst->refused && first->refused < next->refused);
}

static void ageing_repeats_and_a_little_load_fits(void **state) {
    (void)state;
    const uint64_t sizes[] = {1000, 5000, 70000};
    hy_ageing_rule rule = {
        .programs = 400, .load = 0.1, .seed = 3, .sizes = sizes, .size_count = 3, .windows = WINDOWS};
    hy_ageing once[WINDOWS], again[WINDOWS];
    const hy_ageing sum = let_age("fit:metadata=out-of-band,grain=1", &rule, once);
    let_age("fit:metadata=out-of-band,grain=1", &rule, again);
    assert_memory_equal(once, again, sizeof once);
    assert_int_equal(sum.refused, 0);
    assert_true(fabs(sum.internal) < 1e-12);
    assert_int_equal(hy_ageing_sliver(&rule), 1000);
    hy_memory memory;
    hy_error error;
    must_open(4096, "partitions:block=64", &memory);
    rule.windows = 500;
    assert_int_equal(hy_age(&rule, &memory, once, &error), -EINVAL);
    hy_memory_close(&memory);
}

/* ------------------------------------------------------------------------------------------------ maps, commands ----
 */

static void a_map_has_a_letter_a_block(void **state) {
    (void)state;
    hy_memory memory;
    must_open(2500, "partitions:block=100,policy=first,grain=1", &memory);
    hy_tenant tenants[2] = {{'A', hy_alloc(memory.heap, 201, 1)}, {'B', hy_alloc(memory.heap, 900, 1)}};
    char *map = hy_block_map(&memory, tenants, 2, 100, 10);
    assert_string_equal(map, "AAABBBBBBB\nBB........\n.....\n");
    free(map);
    map = hy_block_map(&memory, tenants, 2, 500, 10); /* 300 of A and 200 of B; 500; 200 of B and 300 free … */
    assert_string_equal(map, "AB...\n");
    free(map);
    hy_memory_close(&memory);
}

static void commands_are_read(void **state) {
    (void)state;
    hy_run_list list;
    hy_error error;
    static const char good[] = "# two commands\n\n  ls  --version \r\ntrue";
    assert_int_equal(hy_run_list_parse(good, sizeof good - 1, "list", &list, &error), 0);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.argv[0][1], "--version");
    assert_null(list.argv[0][2]);
    assert_string_equal(list.argv[1][0], "true");
    hy_run_list_free(&list);
    assert_int_equal(hy_run_list_parse("# none\n", 7, "list", &list, &error), -EINVAL);
    assert_non_null(strstr(error.text, "list: no command in it"));
    assert_int_equal(hy_run_list_parse("ls\nx\0y\n", 7, "list", &list, &error), -EINVAL);
    assert_non_null(strstr(error.text, "list:2: a zero byte"));
}

static void the_kernel_tells_the_peak(void **state) {
    (void)state;
    hy_peak peak;
    hy_error error;
    char *const ends[] = {"true", NULL}, *const stays[] = {"sleep", "60", NULL},
                *const missing[] = {"no-such-thing", NULL};
    const int r = hy_measure_peak(ends, 20000, &peak, &error);
    if (r == -EPERM)
        skip();
    assert_int_equal(r, 0);
    assert_true(peak.resident > 0 && peak.resident <= peak.mapped && !peak.timed_out);
    assert_true(WIFEXITED(peak.status) && WEXITSTATUS(peak.status) == 0);
    assert_int_equal(hy_measure_peak(stays, 20, &peak, &error), 0);
    assert_true(peak.timed_out && WIFSIGNALED(peak.status));
    assert_int_equal(hy_measure_peak(missing, 20000, &peak, &error), -ENOENT);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(placements_are_those_of_an_array),
        cmocka_unit_test(dynamic_partitions_decide_alike),
        cmocka_unit_test(dynamic_partitions_lose_nothing),
        cmocka_unit_test(a_terabyte_costs_what_is_used_of_it),
        cmocka_unit_test(a_guess_is_image_stack_and_heap),
        cmocka_unit_test(what_is_no_program_is_refused),
        cmocka_unit_test(libraries_count_once_each),
        cmocka_unit_test(a_grant_lies_between_minimum_and_preferred),
        cmocka_unit_test(fits_grow_old_differently),
        cmocka_unit_test(ageing_repeats_and_a_little_load_fits),
        cmocka_unit_test(a_map_has_a_letter_a_block),
        cmocka_unit_test(commands_are_read),
        cmocka_unit_test(the_kernel_tells_the_peak),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
