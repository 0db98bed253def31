/* SPDX-License-Identifier: MIT
 *
 * test_hardened.c - hardened: what it says of a misuse, and when; its last look; each mitigation is in
 * hardened_mitigations.c.
 */
#include "hardened_cases.h"

#include "har_class.h"
#include "support.h"

#include <pthread.h>

static char said[2000];
static hy_host host_of_the_test;
static uint64_t entropy_state;

static void hear(const char *text) {
    snprintf(said, sizeof said, "%s", text);
}

static uint64_t other_entropy(void) {
    return entropy_state += 0x9e3779b97f4a7c15u;
}

void open_with(const char *params, hy_instance *heap) {
    char spec[256];
    host_of_the_test = hy_host_default;
    host_of_the_test.fatal = hear;
    host_of_the_test.entropy = other_entropy;
    said[0] = '\0';
    snprintf(spec, sizeof spec, "hardened:%s%s", strncmp(params, "level=", 6) == 0 ? "" : "level=none,", params);
    exercise_open_with(spec, &(hy_open_options){.host = &host_of_the_test}, heap);
}

void expect_said(const char *words) {
    if (!strstr(said, words))
        fail_msg("expected \"%s\", heard \"%s\"", words, said);
    said[0] = '\0';
}

void expect_silence(void) {
    assert_string_equal(said, "");
}

/* ----------------------------------------------------------------------------------------------------- classes ---- */

static void classes_are_the_least_that_fit(void **state) {
    (void)state;
    for (size_t size = 1; size <= HAR_SLOT_MAX; size++) {
        const unsigned c = har_class_of(size);
        assert_true(c < HAR_CLASSES && har_class_size(c) >= size);
        assert_true(c == 0 || har_class_size(c - 1) < size);
        assert_int_equal(har_class_size(c) % 16, 0);
    }
}

/* ------------------------------------------------------------------------------------------ what always is so ---- */

static void frees_of_what_is_no_block_are_named(void **state) {
    (void)state;
    char own[64];
    hy_instance heap;
    open_with("canary=no", &heap);
    hy_heap *const h = heap.heap;
    char *const small = hy_alloc(h, 100, 16), *const large = hy_alloc(h, 300000, 16);
    h->ops->free(h, small + 16, 0);
    expect_said("invalid pointer: free of");
    h->ops->free(h, small + 1, 0);
    expect_said("is 1 bytes into a live block of 100 bytes");
    h->ops->free(h, large + 4096, 0);
    expect_said("is 4096 bytes into a live block of 300000 bytes");
    h->ops->free(h, own, 0);
    expect_said("which is no block of this heap");
    h->ops->free(h, (void *)8, 0);
    expect_said("which is no block of this heap");
    hy_free(h, small, 0);
    expect_silence();
    h->ops->free(h, small, 0);
    expect_said("double free");
    h->ops->realloc(h, small, 0, 16, 200);
    expect_said("use after free: realloc of");
    h->ops->usable_size(h, small);
    expect_said("use after free: size of");
    exercise_check(h);
    hy_close(&heap);
}

static void a_freed_large_block_is_known_for_a_while(void **state) {
    (void)state;
    hy_instance heap;
    open_with("delay=count:2", &heap);
    hy_heap *const h = heap.heap;
    char *const large = hy_alloc(h, 300000, 16);
    hy_free(h, large, 0);
    h->ops->free(h, large, 0);
    expect_said("double free");
    hy_free(h, hy_alloc(h, 200000, 16), 0);
    hy_free(h, hy_alloc(h, 200000, 16), 0);
    h->ops->free(h, large, 0);
    expect_said("invalid pointer");
    hy_close(&heap);
}

/* --------------------------------------------------------------------------------------------------- who said ---- */

static const char here[4];

static const char *name_code(const void *code, size_t *ret_offset) {
    *ret_offset = (size_t)((const char *)code - here);
    return "/lib/some \"thing\".so";
}

static void free_from(hy_heap *h, void *block, const void *code) {
    hy_thread_caller = code;
    h->ops->free(h, block, 0);
}

static void it_says_who_and_where(void **state) {
    (void)state;
    static const size_t sizes[] = {100, 300000};
    for (size_t i = 0; i < 2; i++) {
        hy_instance heap;
        char expected[200];
        open_with("delay=count:2,sites=yes,json=yes", &heap);
        host_of_the_test.code_file = name_code;
        hy_thread_caller = here + 1;
        char *const block = hy_alloc(heap.heap, sizes[i], 16);
        free_from(heap.heap, block + 1, here + 3);
        expect_said(", allocated by thread 1 at some ?thing?.so+0x1; now thread 1 at some ?thing?.so+0x3\n{");
        free_from(heap.heap, block, here + 2);
        expect_silence();
        free_from(heap.heap, block, here + 3);
        assert_non_null(strstr(said, ", freed by thread 1 at some ?thing?.so+0x2; now thread 1 at"));
        snprintf(expected, sizeof expected,
                 "\n{\"allocator\":\"hardened\",\"fault\":\"double free\",\"call\":\"free of\","
                 "\"address\":\"0x%zx\",\"block\":\"0x%zx\",\"size\":",
                 (size_t)block, (size_t)block);
        assert_non_null(strstr(said, expected));
        expect_said("\"offset\":0,\"state\":\"freed\",\"allocated\":{\"thread\":1,\"code\":\"some "
                    "?thing?.so+0x1\",\"callers\":[]},"
                    "\"freed\":{\"thread\":1,\"code\":\"some ?thing?.so+0x2\",\"callers\":[]},"
                    "\"now\":{\"thread\":1,\"code\":\"some ?thing?.so+0x3\",\"callers\":[]}}");
        hy_close(&heap);
    }
    hy_thread_caller = NULL;
    host_of_the_test.code_file = hy_host_default.code_file;
}

/* The innermost call is that of hy_thread_caller. */
static size_t stack_of_three(const void **ret_code, size_t most) {
    assert_true(most >= 3);
    for (size_t i = 0; i < 3; i++)
        ret_code[i] = (const char *)hy_thread_caller + i * 0x10;
    return 3;
}

static void sampled_blocks_keep_the_calls(void **state) {
    (void)state;
    enum { MANY = 300 }; /* more than are kept */
    static char *block[MANY];
    hy_instance heap;
    open_with("sample=every:1,delay=count:400", &heap);
    host_of_the_test.code_file = name_code;
    host_of_the_test.call_stack = stack_of_three;
    hy_thread_caller = here + 1;
    for (unsigned i = 0; i < MANY; i++)
        block[i] = hy_alloc(heap.heap, 100, 16);
    for (unsigned i = 0; i < MANY; i++)
        free_from(heap.heap, block[i], here + 2);
    free_from(heap.heap, block[MANY - 1], here + 3);
    assert_non_null(strstr(said, "so+0x1 < some ?thing?.so+0x11 < some ?thing?.so+0x21, freed by thread 1 at some "
                                 "?thing?.so+0x2 < some ?thing?.so+0x12 < some ?thing?.so+0x22; now "));
    free_from(heap.heap, block[0], here + 3);
    expect_said("so+0x1, freed by thread 1 at some ?thing?.so+0x2; now thread 1 at some ?thing?.so+0x3 < some ");
    hy_thread_caller = NULL;
    hy_close(&heap);
}

/* ------------------------------------------------------------------------------------------------------ the end ----
 */

static void the_end_is_a_last_look(void **state) {
    (void)state;
    hy_instance heap;
    open_with("canary=yes,sweep=yes", &heap);
    char *const block = hy_alloc(heap.heap, 24, 16);
    heap.heap->ops->farewell(heap.heap);
    expect_silence();
    block[24] ^= 1;
    heap.heap->ops->farewell(heap.heap);
    expect_said("overflow: at the end of the process");
    hy_close(&heap);
    open_with("canary=yes", &heap);
    ((char *)hy_alloc(heap.heap, 24, 16))[24] ^= 1;
    heap.heap->ops->farewell(heap.heap);
    expect_silence();
    hy_close(&heap);
}

/* What a busy thread has in hand is neither wholly live nor wholly free. */
static pthread_barrier_t others;

static void *be_busy(void *context) {
    hy_heap *const heap = context;
    hy_free(heap, hy_alloc(heap, 24, 16), 0);
    pthread_barrier_wait(&others);
    pthread_barrier_wait(&others);
    heap->ops->thread_exit(heap);
    return NULL;
}

static void the_last_look_waits_for_nobody(void **state) {
    (void)state;
    hy_instance heap;
    pthread_t thread;
    open_with("canary=yes,zero=yes,check=bytes:128K,quarantine=count:100,sweep=yes", &heap);
    char *const freed = hy_alloc(heap.heap, 64, 16), *const live = hy_alloc(heap.heap, 72, 16);
    hy_free(heap.heap, freed, 0);
    pthread_barrier_init(&others, NULL, 2);
    assert_int_equal(pthread_create(&thread, NULL, be_busy, heap.heap), 0);
    pthread_barrier_wait(&others);
    freed[8] = 1; /* as if its free were on its way */
    heap.heap->ops->farewell(heap.heap);
    expect_silence();
    live[72] ^= 1;
    heap.heap->ops->farewell(heap.heap);
    expect_said("overflow: at the end of the process");
    live[72] ^= 1;
    pthread_barrier_wait(&others);
    pthread_join(thread, NULL);
    heap.heap->ops->farewell(heap.heap);
    expect_said("write after free");
    pthread_barrier_destroy(&others);
    hy_close(&heap);
}

static void requests_in_vain_leave_the_quarantine_alone(void **state) {
    (void)state;
    hy_instance heap;
    open_with("quarantine=count:100", &heap);
    const void *const freed = hy_alloc(heap.heap, 64, 16);
    hy_free(heap.heap, (void *)(uintptr_t)freed, 0);
    for (unsigned i = 0; i < 100 && hy_alloc(heap.heap, (size_t)1 << 43, 16); i++)
        continue;
    for (unsigned i = 0; i < 3000; i++)
        assert_ptr_not_equal(hy_alloc(heap.heap, 64, 16), freed);
    hy_close(&heap);
}

/* More of them than there may be mappings. */
static void large_blocks_can_be_many(void **state) {
    (void)state;
    enum { MANY = 34000, SIZE = 140000 };
    static char *blocks[MANY];
    hy_instance heap;
    open_with("guards=yes,placement=yes,zero=yes,canary=yes", &heap);
    for (unsigned i = 0; i < MANY; i++) {
        assert_non_null(blocks[i] = hy_alloc(heap.heap, SIZE, 16));
        blocks[i][0] = blocks[i][SIZE - 1] = 1;
    }
    for (unsigned i = 0; i < MANY; i++)
        hy_free(heap.heap, blocks[i], SIZE);
    const char *const again = hy_alloc(heap.heap, SIZE, 16);
    assert_true(again && again[0] == 0 && again[SIZE - 1] == 0);
    expect_silence();
    hy_close(&heap);
}

typedef struct last_range {
    uintptr_t end;
    size_t blocks;
    bool ascends;
} last_range;

static int see_range(void *context, const hy_range *range) {
    last_range *const last = context;
    last->ascends &= range->start >= last->end;
    last->end = range->start + range->size;
    last->blocks += range->kind == HY_USED;
    return 0;
}

static void check_table(hy_heap *heap, size_t live) {
    last_range last = {.ascends = true};
    assert_int_equal(heap->ops->walk(heap, see_range, &last), 0);
    assert_true(last.ascends);
    assert_int_equal(last.blocks, live);
    assert_null(heap->ops->check(heap));
}

/* Entered and removed at random, all of them in a row from below, and all at once. */
static void large_blocks_are_known_by_address(void **state) {
    (void)state;
    enum { MANY = 1500, STEPS = 12000, SIZE = 140000 };
    static const char *const places[] = {"placement=yes,guards=yes,delay=count:10", "placement=no,guards=no"};
    for (size_t p = 0; p < 2; p++) {
        static char *blocks[MANY];
        hy_instance heap;
        uint64_t seed = p + 1;
        size_t live = 0;
        memset(blocks, 0, sizeof blocks);
        open_with(places[p], &heap);
        for (unsigned i = 0; i < STEPS; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            /* first more and more, then fewer and fewer */
            char **const at = &blocks[(seed >> 33) % (i < STEPS / 2 ? MANY : MANY - (i - STEPS / 2) / 5)];
            if (*at)
                hy_free(heap.heap, *at, SIZE);
            *at = *at ? NULL : hy_alloc(heap.heap, SIZE, 16);
            live = *at ? live + 1 : live - 1;
            if (*at)
                assert_int_equal(heap.heap->ops->usable_size(heap.heap, *at) >= SIZE, 1);
            if (i % 1000 == 0)
                check_table(heap.heap, live);
        }
        for (unsigned i = 0; i < MANY; i++) {
            hy_free(heap.heap, blocks[i], SIZE);
            live -= blocks[i] != NULL;
            if (i % 500 == 0)
                check_table(heap.heap, live);
        }
        expect_silence();
        check_table(heap.heap, 0);
        hy_close(&heap);
    }
}

static void every_level_keeps_contents(void **state) {
    (void)state;
    static const char *const levels[] = {"level=default", "level=max", "areas=no,guards=yes", "canary=no"};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        hy_instance heap;
        open_with(levels[i], &heap);
        exercise_run(heap.heap, 20000, 4096, 1500, i);
        expect_silence();
        hy_close(&heap);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_are_the_least_that_fit),
        cmocka_unit_test(frees_of_what_is_no_block_are_named),
        cmocka_unit_test(a_freed_large_block_is_known_for_a_while),
        cmocka_unit_test(canaries_find_single_bytes),
        cmocka_unit_test(canaries_stand_in_front_too),
        cmocka_unit_test(without_canaries_nothing_is_found),
        cmocka_unit_test(a_string_ends_in_the_canary),
        cmocka_unit_test(writes_after_free_are_found_at_reuse),
        cmocka_unit_test(freed_memory_is_zero),
        cmocka_unit_test(calloc_gives_zeros_after_a_stale_write),
        cmocka_unit_test(quarantine_delays_reuse),
        cmocka_unit_test(it_says_who_and_where),
        cmocka_unit_test(sampled_blocks_keep_the_calls),
        cmocka_unit_test(slots_and_places_are_random),
        cmocka_unit_test(areas_keep_sizes_apart),
        cmocka_unit_test(guards_end_large_blocks),
        cmocka_unit_test(sampled_blocks_have_pages_of_their_own),
        cmocka_unit_test(large_blocks_can_be_many),
        cmocka_unit_test(large_blocks_are_known_by_address),
        cmocka_unit_test(the_end_is_a_last_look),
        cmocka_unit_test(the_last_look_waits_for_nobody),
        cmocka_unit_test(requests_in_vain_leave_the_quarantine_alone),
        cmocka_unit_test(every_level_keeps_contents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
