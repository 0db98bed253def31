/* SPDX-License-Identifier: MIT
 *
 * test_hardened.c - hardened: what each mitigation does, and that it is this one that does it: without it, nothing is
 * noticed.
 */
#include "exercise.h"
#include "har_class.h"
#include "support.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static char said[2000];
static hy_host host_of_the_test;
static uint64_t entropy_state;

static void hear(const char *text) {
    snprintf(said, sizeof said, "%s", text);
}

static uint64_t other_entropy(void) {
    return entropy_state += 0x9e3779b97f4a7c15u;
}

/* level=none and what is said, but for specs that say their level themselves. */
static void open_with(const char *params, hy_instance *heap) {
    char spec[256];
    host_of_the_test = hy_host_default;
    host_of_the_test.fatal = hear;
    host_of_the_test.entropy = other_entropy;
    said[0] = '\0';
    snprintf(spec, sizeof spec, "hardened:%s%s", strncmp(params, "level=", 6) == 0 ? "" : "level=none,", params);
    exercise_open_with(spec, &(hy_open_options){.host = &host_of_the_test}, heap);
}

static void expect_said(const char *words) {
    if (!strstr(said, words))
        fail_msg("expected \"%s\", heard \"%s\"", words, said);
    said[0] = '\0';
}

static void expect_silence(void) {
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

/* ------------------------------------------------------------------------------------------------------ canary ---- */

/* A block that is freed after a write to its offset `at`. */
static void after_write(hy_heap *h, size_t size, ptrdiff_t at, char what) {
    char *const block = hy_alloc(h, size, 16);
    char *volatile const there = block + at; /* not for the compiler's eyes */
    const char kept = *there;
    *there = what;
    hy_free(h, block, 0);
    *there = kept;
}

static void canaries_find_single_bytes(void **state) {
    (void)state;
    hy_instance heap;
    open_with("canary=yes", &heap);
    for (size_t size = 0; size < 300; size++) {
        char *const block = heap.heap->ops->alloc(heap.heap, size, 16);
        assert_int_equal(heap.heap->ops->usable_size(heap.heap, block), size);
        hy_free(heap.heap, block, 0);
        after_write(heap.heap, size + 1, (ptrdiff_t)size + 1, '\0'); /* the NUL behind a string */
        expect_said("overflow");
        after_write(heap.heap, size + 1, (ptrdiff_t)size + 8, 'x');
        expect_said("overflow");
    }
    hy_close(&heap);
}

static void canaries_stand_in_front_too(void **state) {
    (void)state;
    hy_instance heap;
    open_with("canary=yes", &heap);
    hy_alloc(heap.heap, 40, 16); /* nobody has its slot, so that each other has a slot in front */
    for (ptrdiff_t i = -8; i < 0; i++) {
        after_write(heap.heap, 40, i, 'x');
        expect_said("underflow");
    }
    hy_close(&heap);
}

static void without_canaries_nothing_is_found(void **state) {
    (void)state;
    hy_instance heap;
    open_with("level=default,canary=no,random=no,sample=never", &heap);
    after_write(heap.heap, 41, 41, 'x');
    expect_silence();
    hy_alloc(heap.heap, 40, 16);
    after_write(heap.heap, 40, -1, 'x');
    expect_silence();
    hy_close(&heap);
}

static void a_string_ends_in_the_canary(void **state) {
    (void)state;
    hy_instance heap;
    open_with("canary=yes", &heap);
    for (size_t size = 1; size < 300; size++) {
        char *const block = hy_alloc(heap.heap, size, 16);
        memset(block, 'x', size);
        assert_int_equal(strlen(block), size + 1);
    }
    hy_close(&heap);
}

/* ---------------------------------------------------------------------------------------------- zero and check ---- */

/* The same slot again, written to meanwhile. */
static char *stale_write(hy_heap *h) {
    char *const block = hy_alloc(h, 100, 16), *again = NULL;
    memset(block, 'x', 100);
    hy_free(h, block, 0);
    block[50] = 'y';
    while (again != block)
        again = hy_alloc(h, 100, 16);
    return again;
}

static void writes_after_free_are_found_at_reuse(void **state) {
    (void)state;
    hy_instance heap;
    open_with("zero=yes,check=bytes:1K", &heap);
    stale_write(heap.heap);
    expect_said("write after free");
    expect_silence();
    hy_close(&heap);
    open_with("zero=yes", &heap);
    assert_int_equal(stale_write(heap.heap)[50], 'y');
    expect_silence();
    hy_close(&heap);
}

static void freed_memory_is_zero(void **state) {
    (void)state;
    hy_instance heap;
    open_with("zero=yes", &heap);
    assert_int_equal(stale_write(heap.heap)[0], 0);
    hy_close(&heap);
    open_with("zero=no", &heap);
    assert_int_equal(stale_write(heap.heap)[0], 'x');
    hy_close(&heap);
}

/* A stale write beyond what is looked at when a slot is handed out again. */
static void calloc_gives_zeros_after_a_stale_write(void **state) {
    (void)state;
    static const char *const specs[] = {"level=default,quarantine=off,sample=never", "zero=yes",
                                        "zero=yes,check=bytes:64", "canary=yes"};
    enum { SIZE = 5000 };
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        hy_instance heap;
        open_with(specs[i], &heap);
        char *const block = hy_alloc(heap.heap, SIZE, 16), *again = NULL;
        hy_free(heap.heap, block, 0);
        block[SIZE - 100] = 'y';
        while (again != block) {
            again = heap.heap->ops->alloc_zeroed(heap.heap, SIZE, 16);
            assert_true(hy_is_zero(again, SIZE));
        }
        expect_silence();
        hy_close(&heap);
    }
}

/* ------------------------------------------------------------------------------------------- quarantine, random ----
 */

/* Pairs of alloc and free until the first address comes again. */
static size_t reuse_distance(const char *params) {
    hy_instance heap;
    open_with(params, &heap);
    void *const first = hy_alloc(heap.heap, 48, 16);
    hy_free(heap.heap, first, 0);
    size_t distance = 0;
    for (void *block = NULL; block != first && distance < 100000; distance++) {
        block = hy_alloc(heap.heap, 48, 16);
        hy_free(heap.heap, block, 0);
    }
    exercise_check(heap.heap);
    hy_close(&heap);
    return distance;
}

static void quarantine_delays_reuse(void **state) {
    (void)state;
    assert_true(reuse_distance("quarantine=off") <= 2); /* one slot is chosen ahead */
    assert_true(reuse_distance("quarantine=count:1000") >= 1000);
    assert_true(reuse_distance("quarantine=count:1000,random=yes") >= 875);
    assert_true(reuse_distance("level=default") >= 4000);
}

/* How far 20 blocks lie from a first one. */
static void note_places(const char *params, size_t first_size, size_t size, ptrdiff_t *ret_place) {
    hy_instance heap;
    open_with(params, &heap);
    const uintptr_t first = (uintptr_t)hy_alloc(heap.heap, first_size, 16);
    for (int i = 0; i < 20; i++)
        ret_place[i] = (ptrdiff_t)((uintptr_t)hy_alloc(heap.heap, size, 16) - first);
    hy_close(&heap);
}

/* Whether two heaps place their blocks alike. */
static bool places_are_alike(const char *params, size_t first_size, size_t size) {
    ptrdiff_t a[20], b[20];
    note_places(params, first_size, size, a);
    note_places(params, first_size, size, b);
    return memcmp(a, b, sizeof a) == 0;
}

static void slots_and_places_are_random(void **state) {
    (void)state;
    assert_true(places_are_alike("random=no", 48, 48));
    assert_false(places_are_alike("random=yes", 48, 48));
    assert_true(places_are_alike("areas=yes", 48, 480));
    assert_false(places_are_alike("areas=yes,placement=yes", 48, 480));
    assert_true(places_are_alike("guards=yes", 300000, 300000));
    assert_false(places_are_alike("placement=yes", 300000, 300000));
}

/* ------------------------------------------------------------------------------------------------------- areas ---- */

/* Whether memory of 64-byte blocks becomes memory of 128-byte blocks. */
static bool sizes_mix(const char *params) {
    enum { BLOCKS = 4000 };
    static char *block[BLOCKS];
    hy_instance heap;
    uintptr_t low = UINTPTR_MAX, high = 0;
    bool mixed = false;
    open_with(params, &heap);
    for (size_t i = 0; i < BLOCKS; i++) {
        block[i] = hy_alloc(heap.heap, 64, 16);
        low = hy_min(low, (uintptr_t)block[i]);
        high = hy_max(high, (uintptr_t)block[i]);
    }
    for (size_t i = 0; i < BLOCKS; i++)
        hy_free(heap.heap, block[i], 0);
    for (size_t i = 0; i < BLOCKS; i++) {
        const uintptr_t other = (uintptr_t)hy_alloc(heap.heap, 128, 16);
        mixed |= other >= low && other <= high;
    }
    hy_close(&heap);
    return mixed;
}

static void areas_keep_sizes_apart(void **state) {
    (void)state;
    assert_true(sizes_mix("areas=no"));
    assert_false(sizes_mix("areas=yes"));
}

/* ----------------------------------------------------------------------------------------------- guards, sample ----
 */

/* Whether a process dies of a write there. */
static bool is_guarded(char *at) {
    int status = 0;
    const pid_t child = fork();
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL);
        *(volatile char *)at = 1;
        _exit(0);
    }
    waitpid(child, &status, 0);
    return WIFSIGNALED(status);
}

static void guards_end_large_blocks(void **state) {
    (void)state;
    hy_instance heap;
    char text[256];
    open_with("guards=yes,delay=count:4", &heap);
    char *const block = hy_alloc(heap.heap, 300000, 16);
    assert_true(is_guarded(block + 300000) && is_guarded(block - 4096));
    assert_true(heap.heap->ops->explain(heap.heap, block + 300000, text, sizeof text));
    assert_non_null(strstr(text, "overflow"));
    hy_free(heap.heap, block, 0);
    assert_true(is_guarded(block));
    assert_true(heap.heap->ops->explain(heap.heap, block, text, sizeof text));
    assert_non_null(strstr(text, "use after free"));
    assert_false(heap.heap->ops->explain(heap.heap, text, text, sizeof text));
    hy_close(&heap);
    open_with("canary=yes", &heap);
    assert_false(is_guarded((char *)hy_alloc(heap.heap, 300000, 16) + 300000));
    hy_close(&heap);
}

static void sampled_blocks_have_pages_of_their_own(void **state) {
    (void)state;
    hy_instance heap;
    open_with("sample=every:1,guards=yes", &heap);
    assert_true(is_guarded((char *)hy_alloc(heap.heap, 64, 16) + 64));
    hy_close(&heap);
    open_with("guards=yes", &heap);
    assert_false(is_guarded((char *)hy_alloc(heap.heap, 64, 16) + 64));
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
        cmocka_unit_test(the_end_is_a_last_look),
        cmocka_unit_test(the_last_look_waits_for_nobody),
        cmocka_unit_test(requests_in_vain_leave_the_quarantine_alone),
        cmocka_unit_test(every_level_keeps_contents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
