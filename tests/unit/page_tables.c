/* SPDX-License-Identifier: MIT
 *
 * page_tables.c - page tables and TLBs by hand, and against a slow TLB.
 */
#include "page_cases.h"

#include "mmu.h"

#include <errno.h>
#include <string.h>

/* ---- page tables ---- */

/* 0x7ffff7fc3abc: 255 · 2^39 + 511 · 2^30 + 447 · 2^21 + 451 · 2^12 + 2748. */
void test_walk(void **state) {
    const uint64_t address = 0x7ffff7fc3abc;
    static const struct {
        unsigned levels, leaf, steps;
        uint32_t index[5];
        uint64_t offset;
    } known[] = {{4, 1, 4, {255, 511, 447, 451}, 2748},
                 {5, 1, 5, {0, 255, 511, 447, 451}, 2748},
                 {4, 2, 3, {255, 511, 447}, 451 * 4096 + 2748},
                 {5, 3, 3, {0, 255, 511}, 447 * 2097152ull + 451 * 4096 + 2748}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        hy_page_table table;
        hy_walk walk;
        hy_page_table_start(&table, known[i].levels, known[i].leaf);
        assert_int_equal(hy_page_table_map(&table, 3, address, 77), 0);
        hy_page_table_walk(&table, 3, address, &walk);
        assert_true(walk.present && walk.frame == 77 && walk.offset == known[i].offset);
        assert_int_equal(walk.steps, known[i].steps);
        for (unsigned step = 0; step < walk.steps; step++) {
            assert_int_equal(walk.step[step].index, known[i].index[step]);
            assert_int_equal(walk.step[step].level, known[i].levels - step);
        }
        hy_page_table_walk(&table, 2, address, &walk);
        assert_true(!walk.present && walk.steps == 0);
        hy_page_table_walk(&table, 3, address + ((uint64_t)1 << 30), &walk);
        assert_true(!walk.present);
        hy_page_table_clear(&table);
    }
    assert_true(hy_address_is_canonical(0xffff800000000000, 4) && !hy_address_is_canonical(0x800000000000, 4));
    assert_true(hy_address_is_canonical(0x800000000000, 5) && !hy_address_is_canonical((uint64_t)1 << 56, 5));
}

static hy_mmu_counts translate(const hy_page_trace *trace, unsigned levels, unsigned shift, const char *tlb,
                               uint32_t walk_cache, bool asids) {
    hy_mmu_options options = {.levels = levels, .shift = shift, .walk_cache = walk_cache, .asids = asids};
    hy_mmu_counts counts = {0};
    hy_error error = {""};
    if ((*tlb && hy_tlb_parse(tlb, &options, &error) < 0) || hy_mmu_run(trace, &options, &counts, &error) < 0)
        fail_msg("%s", error.text);
    return counts;
}

void test_tlb_by_hand(void **state) {
    hy_page_trace even = parsed("0 2 0 2 0 2"), both = parsed("0 1 0 1 0 1");
    assert_int_equal(translate(&even, 4, 12, "2x1", 0, true).walks, 6); /* the same set, one way */
    assert_int_equal(translate(&both, 4, 12, "2x1", 0, true).walks, 2);
    assert_int_equal(translate(&even, 4, 12, "2x2", 0, true).walks, 2);
    const hy_mmu_counts two = translate(&even, 4, 12, "2x1,4x4", 0, true);
    assert_int_equal(two.walks, 2);
    assert_int_equal(two.hits[0], 0);
    assert_int_equal(two.hits[1], 4);
    assert_int_equal(translate(&even, 4, 12, "", 0, true).walks, 6); /* no TLB */
    /* 0 and 1 share all tables; 262144 = 2^18 pages are 1 GiB on: another entry of the same PDPT. */
    hy_page_trace far = parsed("0 1 262144 0");
    assert_int_equal(translate(&far, 4, 12, "", 0, true).steps, 16);
    assert_int_equal(translate(&far, 4, 12, "", 4, true).steps, 4 + 1 + 3 + 1);
    assert_int_equal(translate(&far, 4, 12, "", 1, true).steps, 4 + 1 + 3 + 3);
    assert_int_equal(translate(&far, 4, 12, "", 4, true).nodes, 1 + 1 + 2 + 2);
    assert_int_equal(translate(&far, 4, 21, "", 0, true).nodes, 1 + 1 + 2);
    /* Code and data apart. */
    hy_page_trace mixed = parsed("0 0");
    for (int i = 0; i < 3; i++)
        assert_int_equal(hy_page_trace_add(&mixed, 0, 0, HY_PAGE_FETCH, 1, NULL), 0);
    const hy_mmu_counts apart = translate(&mixed, 4, 12, "i4x4,d4x4,8x8", 0, true);
    assert_true(apart.hits[0] == 2 && apart.hits[1] == 1 && apart.hits[2] == 1 && apart.walks == 1);
    /* Turns. */
    hy_page_trace parts[2] = {parsed("0 0 0 0"), parsed("0 0 0 0")}, all;
    assert_int_equal(hy_page_trace_interleave(parts, 2, 2, &all, NULL), 0);
    const hy_mmu_counts with = translate(&all, 4, 12, "4x4", 0, true),
                        without = translate(&all, 4, 12, "4x4", 0, false);
    assert_true(with.switches == 3 && with.walks == 2 && without.walks == 4);
    hy_page_trace *const used[] = {&even, &both, &far, &mixed, &parts[0], &parts[1], &all};
    for (size_t i = 0; i < sizeof used / sizeof *used; i++)
        hy_page_trace_clear(used[i]);
}

/* A TLB once more: a search over all entries by their times. */
static uint64_t slow_tlb_misses(const hy_page_trace *trace, uint32_t entries, uint32_t ways) {
    uint64_t page[64], time[64] = {0}, misses = 0;
    const uint32_t sets = entries / ways;
    for (uint64_t i = 0; i < trace->count; i++) {
        const uint64_t number = trace->granule[trace->reference[i] >> 2].number;
        const uint32_t first = (uint32_t)(number % sets) * ways;
        uint32_t at = first, oldest = first;
        for (; at < first + ways && (time[at] == 0 || page[at] != number); at++)
            oldest = time[at] < time[oldest] ? at : oldest;
        misses += at == first + ways;
        at = at == first + ways ? oldest : at;
        page[at] = number;
        time[at] = i + 1;
    }
    return misses;
}

/* Misses × levels = steps, and misses as the slow TLB says. */
void test_tlb_laws(void **state) {
    static const struct {
        const char *tlb;
        uint32_t entries, ways;
    } shapes[] = {{"64x4", 64, 4}, {"48x12", 48, 12}, {"16x16", 16, 16}, {"8x1", 8, 1}};
    for (uint64_t seed = 1; seed < 9; seed++) {
        hy_page_trace trace = random_trace(seed, 2000, 9 * seed);
        for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
            const uint64_t misses = slow_tlb_misses(&trace, shapes[i].entries, shapes[i].ways);
            for (unsigned levels = 4; levels <= 5; levels++) {
                const hy_mmu_counts small = translate(&trace, levels, 12, shapes[i].tlb, 0, true);
                assert_int_equal(small.walks, misses);
                assert_int_equal(small.steps, misses * levels);
                const hy_mmu_counts large = translate(&trace, levels, 21, shapes[i].tlb, 0, true);
                assert_int_equal(large.steps, large.walks * (levels - 1));
                const hy_mmu_counts huge = translate(&trace, levels, 30, shapes[i].tlb, 0, true);
                assert_int_equal(huge.steps, huge.walks * (levels - 2));
                const hy_mmu_counts cached = translate(&trace, levels, 12, shapes[i].tlb, 1024, true);
                assert_true(cached.walks == misses && cached.steps <= small.steps && cached.steps >= misses);
            }
        }
        hy_page_trace_clear(&trace);
    }
}

void test_tlb_words(void **state) {
    static const char *const bad[] = {"",
                                      "64",
                                      "64x",
                                      "x4",
                                      "64x0",
                                      "0x4",
                                      "64x5",
                                      "4x64",
                                      "64x4,",
                                      "j64x4",
                                      "64x4x2",
                                      "131072x4",
                                      "1x1,1x1,1x1,1x1,1x1,1x1,1x1,1x1,1x1"};
    hy_mmu_options options;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        hy_error error = {""};
        if (hy_tlb_parse(bad[i], &options, &error) != -EINVAL || strncmp(error.text, "--tlb", 5) != 0)
            fail_msg("%s: %s", bad[i], error.text);
    }
    assert_int_equal(hy_tlb_parse("i64x8,d64x4,1536x12,4x4", &options, NULL), 0);
    static const unsigned levels[] = {1, 1, 2, 3};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(options.tlb[i].level, levels[i]);
}
