/* SPDX-License-Identifier: MIT
 *
 * test_pages.c - the page sources: counters, alignment, limits, failures on request.
 */
#include "exercise.h"
#include "fixed_pages.h"

#include <unistd.h>

static hy_pages *make(const char *name, const char *params) {
    _Alignas(16) char filled[HY_PARAMS_SIZE];
    const hy_pages_ops *const ops = hy_catalog_pages(&hy_registry, (hy_text){name, strlen(name)});
    hy_error error = {""};
    hy_pages *pages = NULL;
    assert_non_null(ops);
    if (hy_params_parse(ops->params, name, (hy_text){params, strlen(params)}, filled, ops->params_size, &error) < 0)
        fail_msg("%s", error.text);
    assert_int_equal(ops->create(filled, &pages), 0);
    return pages;
}

static void expect_counts(const hy_pages *pages, size_t reserved, size_t committed) {
    assert_int_equal(pages->reserved, reserved);
    assert_int_equal(pages->committed, committed);
}

/* What every source must do, on sizes of 8 granules of at least a page. */
static void exercise_source(hy_pages *pages) {
    const size_t unit = pages->granule > 4096 ? pages->granule : 4096, size = 8 * unit;
    char *const start = pages->ops->reserve(pages, size, unit);
    assert_non_null(start);
    assert_int_equal((uintptr_t)start % unit, 0);
    expect_counts(pages, size, 0);
    assert_int_equal(pages->ops->commit(pages, start + unit, 2 * unit), 0);
    expect_counts(pages, size, 2 * unit);
    if (pages->zeroed)
        assert_int_equal(start[unit] | start[3 * unit - 1], 0);
    memset(start + unit, 7, 2 * unit);
    assert_int_equal(pages->ops->purge(pages, start + unit, unit), 0);
    start[unit] = 1; /* still usable */
    assert_int_equal(start[3 * unit - 1], 7);
    assert_int_equal(pages->ops->decommit(pages, start + unit, 2 * unit), 0);
    expect_counts(pages, size, 0);
    assert_int_equal(pages->ops->commit(pages, start, size), 0);
    if (pages->zeroed)
        assert_int_equal(start[unit] | start[3 * unit - 1], 0);
    assert_int_equal(pages->ops->resize(pages, start, size, size / 2), 0);
    expect_counts(pages, size / 2, size / 2);
    assert_int_equal(pages->peak_committed, size);
    pages->ops->release(pages, start, size / 2, size / 2);
    expect_counts(pages, 0, 0);
    assert_true(pages->calls > 0);
}

static void every_source_keeps_its_word(void **state) {
    (void)state;
    static const char *const sources[][2] = {{"mmap", ""},
                                             {"mmap", "huge=yes"},
                                             {"fixed", ""},
                                             {"fixed", "granule=4096,size=64K"},
                                             {"fixed", "shift=13,size=100000"},
                                             {"memfd", ""},
                                             {"failing", ""},
                                             {"failing", "fail=1000,after=yes"}};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        hy_pages *const pages = make(sources[i][0], sources[i][1]);
        exercise_source(pages);
        pages->ops->destroy(pages);
    }
}

static void mmap_aligns_and_moves(void **state) {
    (void)state;
    hy_pages *const pages = make("mmap", "");
    char *const start = pages->ops->reserve(pages, 8192, 4 << 20);
    assert_int_equal((uintptr_t)start % (4 << 20), 0);
    assert_int_equal(pages->ops->commit(pages, start, 8192), 0);
    start[8191] = 9;
    char *const moved = pages->ops->move(pages, start, 8192, 1 << 20);
    assert_non_null(moved);
    assert_int_equal(moved[8191], 9);
    expect_counts(pages, 1 << 20, 1 << 20);
    pages->ops->release(pages, moved, 1 << 20, 1 << 20);
    assert_null(pages->ops->reserve(pages, (size_t)1 << 60, 4096));
    assert_null(pages->ops->reserve(pages, SIZE_MAX - 4095, (size_t)1 << 62));
    expect_counts(pages, 0, 0);
    pages->ops->destroy(pages);
}

/* Whether the kernel notes `flag` (two letters) of the mapping that `address` lies in. */
static bool mapping_has(const void *address, const char *flag) {
    FILE *const file = fopen("/proc/self/smaps", "r");
    assert_non_null(file);
    char line[512];
    bool inside = false, found = false, has = false;
    while (!found && fgets(line, sizeof line, file)) {
        unsigned long long low, high;
        if (sscanf(line, "%llx-%llx ", &low, &high) == 2)
            inside = low <= (uintptr_t)address && (uintptr_t)address < high;
        found = inside && strncmp(line, "VmFlags:", 8) == 0;
        has = found && strstr(line, flag);
    }
    fclose(file);
    assert_true(found);
    return has;
}

/* Of a page, of a span, of a mapping of its own, and of memory that was given back and fetched again. */
static void expect_everywhere(hy_heap *heap, const char *flag) {
    static const size_t sizes[] = {64, 100000, (size_t)24 << 20, (size_t)48 << 20};
    for (size_t i = 0; i < 2 * sizeof sizes / sizeof *sizes; i++) {
        const size_t size = sizes[i / 2];
        char *const block = hy_alloc(heap, size, 16);
        assert_non_null(block);
        memset(block, 1, size < 4096 ? size : 4096);
        assert_true(mapping_has(block, flag));
        hy_free(heap, block, size);
        heap->ops->trim(heap);
    }
}

/* Where the system gives huge pages unasked, a small heap would become a large one. */
static void huge_pages_are_declined_unless_asked_for(void **state) {
    (void)state;
    if (access("/sys/kernel/mm/transparent_hugepage/enabled", F_OK) != 0) {
        print_message("skipped: this kernel has no transparent huge pages\n");
        skip();
    }
    static const char *const asked[][2] = {{"huge=no", " nh"}, {"huge=yes", " hg"}};
    for (size_t i = 0; i < 2; i++) {
        hy_pages *const pages = make("mmap", asked[i][0]);
        hy_instance heap;
        exercise_open_with("segregated", &(hy_open_options){.data = pages, .meta = pages}, &heap);
        expect_everywhere(heap.heap, asked[i][1]);
        hy_close(&heap);
        pages->ops->destroy(pages);
    }
}

/* Whatever pages a heap draws from, it works. */
static void a_heap_lives_on_every_source(void **state) {
    (void)state;
    static const char *const sources[][2] = {{"mmap", ""}, {"memfd", ""}, {"fixed", "size=16M,shift=5"}};
    static const char *const specs[] = {"fit", "skeleton:chunk=16K", "bump:chunk=64K", "region:chunk=64K"};
    for (size_t i = 0; i < sizeof sources / sizeof *sources * 4; i++) {
        hy_pages *const pages = make(sources[i / 4][0], sources[i / 4][1]);
        hy_instance heap;
        exercise_open_with(specs[i % 4], &(hy_open_options){.data = pages, .meta = pages}, &heap);
        exercise_run(heap.heap, 5000, 4096, 1000, i);
        hy_close(&heap);
        expect_counts(pages, 0, 0);
        pages->ops->destroy(pages);
    }
}

static void a_fixed_region_is_used_to_the_last_byte(void **state) {
    (void)state;
    static char memory[1000];
    hy_pages *pages = NULL;
    assert_int_equal(hy_fixed_pages_over(memory + 1, 997, 1, &pages), 0);
    assert_int_equal(pages->available, 997);
    char *const a = pages->ops->reserve(pages, 500, 1), *const b = pages->ops->reserve(pages, 497, 1);
    assert_ptr_equal(a, memory + 1);
    assert_ptr_equal(b, memory + 501);
    assert_null(pages->ops->reserve(pages, 1, 1));
    assert_true(pages->ops->resize(pages, a, 500, 501) < 0);
    pages->ops->release(pages, a, 500, 0);
    assert_null(pages->ops->reserve(pages, 501, 1));
    char *const aligned = pages->ops->reserve(pages, 100, 64);
    assert_int_equal((uintptr_t)aligned % 64, 0);
    pages->ops->release(pages, aligned, 100, 0);
    pages->ops->release(pages, b, 497, 0);
    assert_ptr_equal(pages->ops->reserve(pages, 997, 1), memory + 1);
    assert_null(pages->ops->reserve(pages, 0, 1));
    pages->ops->destroy(pages);
}

static void a_fixed_region_respects_its_granule(void **state) {
    (void)state;
    static _Alignas(64) char memory[1024];
    hy_pages *pages = NULL;
    assert_int_equal(hy_fixed_pages_over(memory + 1, 1000, 64, &pages), 0);
    assert_int_equal(pages->available, 1000 / 64 * 64 - 64); /* both ends are cut off */
    assert_ptr_equal(pages->ops->reserve(pages, 64, 64), memory + 64);
    pages->ops->destroy(pages);
    assert_true(hy_fixed_pages_over(memory, 1000, 48, &pages) < 0);
    assert_int_equal(hy_fixed_pages_over(memory + 1, 10, 64, &pages), 0);
    assert_int_equal(pages->available, 0);
    pages->ops->destroy(pages);
}

static void a_fixed_region_ends_its_table_politely(void **state) {
    (void)state;
    hy_pages *const pages = make("fixed", "size=8K");
    size_t count = 0;
    while (pages->ops->reserve(pages, 1, 1))
        count++;
    assert_int_equal(count, 4096);
    pages->ops->destroy(pages);
}

static void failing_fails_exactly_where_told(void **state) {
    (void)state;
    for (int fail = 1; fail <= 4; fail++) {
        for (int after = 0; after < 2; after++) {
            char params[64];
            snprintf(params, sizeof params, "fail=%d,after=%s", fail, after ? "yes" : "no");
            hy_pages *const pages = make("failing", params);
            for (int turn = 1; turn <= 4; turn++) {
                void *const start = pages->ops->reserve(pages, 4096, 4096);
                const bool fails = turn == fail || (after && turn > fail);
                assert_true(fails == (start == NULL));
                if (start)
                    pages->ops->release(pages, start, 4096, 0);
            }
            assert_int_equal(pages->calls, 4);
            expect_counts(pages, 0, 0);
            pages->ops->destroy(pages);
        }
    }
}

/* Every allocator, every request that it makes in a short life failing in turn: NULL and nothing lost. */
static void every_allocator_survives_every_failure(void **state) {
    (void)state;
    for (const hy_listing *entry = hy_listings; entry->ops; entry++) {
        if (entry->ops->flags & (HY_FOREIGN | HY_FAKE))
            continue;
        for (int fail = 1; fail < 30; fail++) {
            char params[64];
            snprintf(params, sizeof params, "fail=%d,after=%s", fail, fail % 2 ? "yes" : "no");
            hy_pages *const pages = make("failing", params);
            hy_instance heap;
            const hy_text spec = {entry->ops->name, strlen(entry->ops->name)};
            if (hy_open(&hy_registry, spec, &(hy_open_options){.data = pages, .meta = pages}, &heap, NULL) == 0) {
                const size_t align = heap.heap->ops->max_align < 16 ? 1 : 16;
                char *blocks[40];
                for (size_t i = 0; i < 40; i++) {
                    blocks[i] = hy_alloc(heap.heap, 1 + i * 5000 % 300000, align);
                    if (blocks[i])
                        memset(blocks[i], (int)i, 1 + i * 5000 % 300000);
                }
                exercise_check(heap.heap);
                for (size_t i = 40; i-- > 0;)
                    hy_free(heap.heap, blocks[i], 1 + i * 5000 % 300000);
                exercise_check(heap.heap);
                hy_close(&heap);
            }
            if (pages->reserved || pages->committed)
                fail_msg("%s kept %zu bytes after request %d failed", entry->ops->name, pages->reserved, fail);
            pages->ops->destroy(pages);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_source_keeps_its_word),
        cmocka_unit_test(mmap_aligns_and_moves),
        cmocka_unit_test(huge_pages_are_declined_unless_asked_for),
        cmocka_unit_test(a_heap_lives_on_every_source),
        cmocka_unit_test(a_fixed_region_is_used_to_the_last_byte),
        cmocka_unit_test(a_fixed_region_respects_its_granule),
        cmocka_unit_test(a_fixed_region_ends_its_table_politely),
        cmocka_unit_test(failing_fails_exactly_where_told),
        cmocka_unit_test(every_allocator_survives_every_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
