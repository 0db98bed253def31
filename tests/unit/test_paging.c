/* SPDX-License-Identifier: MIT
 *
 * test_paging.c - replacement policies: known counts, inclusion, and each against a slow one that is plainly right.
 */
#include "pagers.h"
#include "random.h"
#include "simulate.h"
#include "slow_pagers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LONGEST 600

static const char *const all_specs[] = {"fifo", "lru",          "clock",       "nru:period=40", "2q", "2q:in=10%,out=2",
                                        "arc",  "lfu",          "lfu:age=100", "random",        "ws", "ws:window=30",
                                        "opt",  "random:seed=2"};
#define SPECS (sizeof all_specs / sizeof *all_specs)

static hy_pager_choice choose(const char *spec) {
    hy_pager_choice choice;
    hy_error error = {""};
    if (hy_pager_choose((hy_text){spec, strlen(spec)}, &choice, &error) < 0)
        fail_msg("%s: %s", spec, error.text);
    return choice;
}

static hy_paging_counts counts_of(const char *spec, uint32_t frames, const hy_page_reference *refs, uint64_t n) {
    const hy_pager_choice choice = choose(spec);
    hy_paging_counts counts = {0};
    hy_error error = {""};
    assert_int_equal(hy_paging_simulate(choice.ops, choice.params, frames, refs, n, &counts, &error), 0);
    assert_int_equal(counts.references, n);
    assert_true(counts.most <= frames && counts.resident <= counts.most);
    assert_int_equal(counts.faults - counts.evictions, counts.resident);
    return counts;
}

static uint64_t faults_of(const char *spec, uint32_t frames, const hy_page_reference *refs, uint64_t n) {
    return counts_of(spec, frames, refs, n).faults;
}

/* ---- strings of references ---- */

/* By kind: any page; near the last one; a loop that is left at times; popular pages and a scan. */
static uint32_t draw_page(uint64_t seed, uint64_t i, uint32_t pages, uint32_t last) {
    const uint32_t any = (uint32_t)hy_random_below(seed, 2 * i, pages);
    const uint64_t other = hy_random_below(seed, 2 * i + 1, 16);
    switch (seed % 4) {
    case 0: return any;
    case 1: return other < 14 ? (last + (uint32_t)other % 3 + pages - 1) % pages : any;
    case 2: return other ? (last + 1) % pages : any;
    default: return other < 8 ? any % 5 % pages : (uint32_t)i % pages;
    }
}

/* Returns the number of references. */
static size_t draw_string(uint64_t seed, hy_page_reference *refs) {
    const uint32_t pages = 1 + (uint32_t)hy_random_below(seed, 1 << 20, 40);
    const size_t n = 1 + hy_random_below(seed, (1 << 20) + 1, LONGEST);
    uint32_t last = 0;
    for (size_t i = 0; i < n; i++) {
        last = draw_page(seed, i, pages, last);
        refs[i] = hy_page_refer(last, hy_random_below(seed, (1 << 21) + i, 4) == 0);
    }
    return n;
}

/* ---- known counts ---- */

/* Belady, Nelson and Shedler's reference string. */
static void test_anomaly(void **state) {
    static const uint32_t string[] = {1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5};
    static const struct {
        const char *spec;
        uint64_t three, four;
    } known[] = {{"fifo", 9, 10}, {"lru", 10, 8}, {"opt", 7, 6}};
    hy_page_reference refs[12];
    for (size_t i = 0; i < 12; i++)
        refs[i] = hy_page_refer(string[i], false);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        assert_int_equal(faults_of(known[i].spec, 3, refs, 12), known[i].three);
        assert_int_equal(faults_of(known[i].spec, 4, refs, 12), known[i].four);
    }
}

/* Two frames, pages 0w 1 2 0 2w 1: by hand with lru. */
static void test_counts(void **state) {
    const hy_page_reference refs[] = {hy_page_refer(0, true),  hy_page_refer(1, false), hy_page_refer(2, false),
                                      hy_page_refer(0, false), hy_page_refer(2, true),  hy_page_refer(1, false)};
    const hy_paging_counts counts = counts_of("lru", 2, refs, 6);
    assert_int_equal(counts.faults, 5);     /* 0 1 2 0 1 */
    assert_int_equal(counts.cold, 3);       /* 0 1 2 */
    assert_int_equal(counts.evictions, 3);  /* 0 1 0 */
    assert_int_equal(counts.writebacks, 1); /* the first 0; the second was only read */
    assert_int_equal(counts.held, 1 + 2 + 2 + 2 + 2 + 2);
    assert_int_equal(counts.resident, 2);
    assert_int_equal(counts_of("ws:window=1", 2, refs, 6).held, 6);
    hy_paging_counts nothing;
    assert_int_equal(hy_paging_simulate_nothing(refs, 6, &nothing, NULL), 0);
    assert_int_equal(nothing.faults, 3);
}

/* A loop over one page more than there are frames. */
static void test_loop(void **state) {
    hy_page_reference refs[500];
    for (uint32_t i = 0; i < 500; i++)
        refs[i] = hy_page_refer(i % 5, false);
    static const char *const always[] = {"fifo", "lru", "clock", "ws"};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(faults_of(always[i], 4, refs, 500), 500);
    assert_int_equal(faults_of("opt", 4, refs, 500), 5 + 495 / 4);
    assert_in_range(faults_of("random", 4, refs, 500), 130, 300);
}

/* A scan throws nothing out that came back through 2q's memory, or was seen twice by arc; lru loses all of it. */
static void test_scan(void **state) {
    hy_page_reference refs[8 * 40 + 64 + 8];
    size_t n = 0;
    for (uint32_t round = 0; round < 20; round++)
        for (uint32_t i = 0; i < 16; i++) /* 8 good pages, each followed by one that is never seen again, for 2q */
            refs[n++] = hy_page_refer(i % 2 ? 8 + round * 8 + i / 2 : i / 2, false);
    for (uint32_t i = 0; i < 32; i++)
        refs[n++] = hy_page_refer(200 + i, false);
    const size_t before = n;
    for (uint32_t i = 0; i < 8; i++)
        refs[n++] = hy_page_refer(i, false);
    assert_int_equal(faults_of("lru", 16, refs, n) - faults_of("lru", 16, refs, before), 8);
    assert_int_equal(faults_of("2q", 16, refs, n) - faults_of("2q", 16, refs, before), 0);
    assert_int_equal(faults_of("arc", 16, refs, n) - faults_of("arc", 16, refs, before), 0);
}

/* ---- laws ---- */

static void test_inclusion(void **state) {
    hy_page_reference refs[LONGEST];
    for (uint64_t seed = 0; seed < 60; seed++) {
        const size_t n = draw_string(seed, refs);
        for (const hy_pager_ops *const *ops = hy_pagers; *ops; ops++) {
            uint64_t before = UINT64_MAX;
            for (uint32_t frames = 1; (*ops)->flags & HY_PAGER_STACK && frames <= 41; frames++) {
                const uint64_t faults = faults_of((*ops)->name, frames, refs, n);
                assert_true(faults <= before);
                before = faults;
            }
        }
    }
    assert_true(choose("lru").ops->flags & HY_PAGER_STACK);
    assert_true(choose("opt").ops->flags & HY_PAGER_STACK);
}

static void test_opt_is_least(void **state) {
    hy_page_reference refs[LONGEST];
    for (uint64_t seed = 100; seed < 160; seed++) {
        const size_t n = draw_string(seed, refs);
        for (uint32_t frames = 1; frames < 20; frames += 3) {
            const uint64_t least = faults_of("opt", frames, refs, n);
            for (size_t i = 0; i < SPECS; i++)
                assert_true(faults_of(all_specs[i], frames, refs, n) >= least);
        }
    }
}

/* ---- against the slow ones ---- */

typedef struct watched {
    uint8_t resident[SLOW_PAGES];
    uint32_t taken;
    uint64_t left;
} watched;

static void note_left(void *context, uint32_t page) {
    watched *const self = context;
    assert_false(self->resident[page]);
    self->left++;
}

static void compare_with(const slow_pager *slow, uint32_t frames, const hy_page_reference *refs, size_t n) {
    const hy_pager_choice choice = choose(slow->spec);
    uint32_t *next_use = NULL;
    assert_int_equal(hy_paging_next_use(refs, n, &next_use, NULL), 0);
    const hy_pager_setup setup = {choice.params, frames, hy_paging_pages(refs, n), next_use, n};
    const size_t size = choice.ops->memory(&setup);
    void *const memory = aligned_alloc(64, size);
    assert_non_null(memory);
    hy_pager *const pager = hy_pager_create(choice.ops, &setup, memset(memory, 0, size));
    slow_machine *const machine = calloc(1, sizeof *machine);
    watched host = {.taken = 0};
    uint64_t faults = 0;
    machine->frames = frames, machine->setting = slow->setting, machine->refs = refs, machine->n = n;
    for (machine->now = 0; machine->now < n; machine->now++) {
        const uint32_t page = refs[machine->now] >> 1;
        const bool miss = hy_pager_reference(pager, frames, host.resident, &host.taken, page, refs[machine->now] & 1,
                                             note_left, &host);
        if (miss == slow->refer(machine, page))
            fail_msg("%s, %u frames: reference %zu is%s a miss", slow->spec, frames, machine->now, miss ? "" : " not");
        faults += miss;
    }
    const hy_paging_counts counts = counts_of(slow->spec, frames, refs, n);
    assert_int_equal(counts.faults, faults);
    assert_int_equal(counts.evictions, host.left);
    hy_pager_destroy(pager);
    free(machine);
    free(memory);
    free(next_use);
}

static void test_differences(void **state) {
    hy_page_reference refs[LONGEST];
    for (uint64_t seed = 200; seed < 320; seed++) {
        const size_t n = draw_string(seed, refs);
        const uint32_t frames = 1 + (uint32_t)hy_random_below(seed, 1 << 22, 24);
        for (size_t i = 0; i < sizeof slow_pagers / sizeof *slow_pagers; i++)
            compare_with(&slow_pagers[i], frames, refs, n);
    }
}

/* ---- those that draw lots ---- */

typedef struct nru_host {
    uint8_t resident[SLOW_PAGES];
    bool used[SLOW_PAGES], written[SLOW_PAGES];
    uint64_t drawn[SLOW_PAGES];
} nru_host;

static unsigned nru_class(const nru_host *host, uint32_t page) {
    return host->used[page] * 2u + host->written[page];
}

static void check_nru_victim(void *context, uint32_t victim) {
    nru_host *const host = context;
    for (uint32_t page = 0; page < SLOW_PAGES; page++)
        assert_true(!host->resident[page] || nru_class(host, page) >= nru_class(host, victim));
    host->drawn[victim]++;
    host->written[victim] = false;
}

/* Each victim is of the worst class there is. */
static void test_nru(void **state) {
    const hy_pager_choice choice = choose("nru:period=25");
    static hy_page_reference refs[LONGEST];
    for (uint64_t seed = 400; seed < 430; seed++) {
        const size_t n = draw_string(seed, refs);
        const uint32_t frames = 1 + (uint32_t)hy_random_below(seed, 1 << 22, 24);
        const hy_pager_setup setup = {choice.params, frames, hy_paging_pages(refs, n), NULL, 0};
        void *const memory = aligned_alloc(64, choice.ops->memory(&setup));
        memset(memory, 0, choice.ops->memory(&setup));
        hy_pager *const pager = hy_pager_create(choice.ops, &setup, memory);
        nru_host host = {.used = {false}};
        uint32_t taken = 0;
        for (size_t i = 0; i < n; i++) {
            const uint32_t page = refs[i] >> 1;
            hy_pager_reference(pager, frames, host.resident, &taken, page, refs[i] & 1, check_nru_victim, &host);
            host.used[page] = true;
            host.written[page] |= refs[i] & 1;
            if ((i + 1) % 25 == 0)
                memset(host.used, 0, sizeof host.used);
        }
        free(memory);
    }
}

static void test_random_is_even(void **state) {
    const hy_pager_choice choice = choose("random:seed=7");
    const hy_pager_setup setup = {choice.params, 4, 5, NULL, 0};
    void *const memory = aligned_alloc(64, choice.ops->memory(&setup));
    memset(memory, 0, choice.ops->memory(&setup));
    hy_pager *const pager = hy_pager_create(choice.ops, &setup, memory);
    uint64_t drawn[5] = {0};
    for (uint32_t page = 0; page < 4; page++)
        choice.ops->miss(pager, page, false);
    uint32_t out = 4;
    for (int i = 0; i < 5000; i++) {
        const uint32_t victim = choice.ops->victim(pager, out);
        choice.ops->miss(pager, out, false);
        drawn[victim]++;
        out = victim;
    }
    for (uint32_t page = 0; page < 5; page++)
        assert_in_range(drawn[page], 900, 1100);
    free(memory);
}

/* ---- specs ---- */

static void test_specs(void **state) {
    static const struct {
        const char *spec, *says;
    } bad[] = {{"lur", "there is no pager \"lur\"; did you mean \"lru\"?"},
               {"lru:x=1", "lru takes no parameters, but was given \"x\""},
               {"2q:in=120%", "2q:in=120%: expected 0% to 100%"},
               {"2q:in=1K", "2q:in=1K: expected a part such as 25% or 0.25"},
               {"ws:window=0", "ws:window=0: expected 1 to 1152921504606846976"},
               {"lru+fifo", "\"lru+fifo\": a pager has no layers"},
               {"", "a name is missing in the allocator spec; expected name:key=value"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        hy_pager_choice choice;
        hy_error error = {""};
        assert_true(hy_pager_choose((hy_text){bad[i].spec, strlen(bad[i].spec)}, &choice, &error) < 0);
        if (strncmp(error.text, bad[i].says, strlen(bad[i].says)) != 0)
            fail_msg("%s", error.text);
    }
    hy_paging_counts counts;
    hy_error error = {""};
    const hy_page_reference ref = hy_page_refer(0, false);
    assert_true(hy_paging_simulate(choose("lru").ops, NULL, 0, &ref, 1, &counts, &error) < 0);
    for (size_t i = 0; i < SPECS; i++) /* memory for the pages that there are */
        assert_int_equal(faults_of(all_specs[i], HY_PAGES_MOST, &ref, 1), 1);
    assert_int_equal(faults_of("opt", 5, &ref, 0), 0);
    for (const hy_pager_ops *const *ops = hy_pagers; *ops; ops++)
        assert_true((*ops)->summary && (*ops)->source);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_anomaly),     cmocka_unit_test(test_counts),    cmocka_unit_test(test_loop),
        cmocka_unit_test(test_scan),        cmocka_unit_test(test_inclusion), cmocka_unit_test(test_opt_is_least),
        cmocka_unit_test(test_differences), cmocka_unit_test(test_nru),       cmocka_unit_test(test_random_is_even),
        cmocka_unit_test(test_specs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
