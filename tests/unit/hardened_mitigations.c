/* SPDX-License-Identifier: MIT
 *
 * hardened_mitigations.c - what each mitigation does, and that it is this one that does it: without it, nothing is
 * noticed.
 */
#include "hardened_cases.h"

#include "support.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

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

void canaries_find_single_bytes(void **state) {
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

void canaries_stand_in_front_too(void **state) {
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

void without_canaries_nothing_is_found(void **state) {
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

void a_string_ends_in_the_canary(void **state) {
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

void writes_after_free_are_found_at_reuse(void **state) {
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

void freed_memory_is_zero(void **state) {
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
void calloc_gives_zeros_after_a_stale_write(void **state) {
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

void quarantine_delays_reuse(void **state) {
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

void slots_and_places_are_random(void **state) {
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

void areas_keep_sizes_apart(void **state) {
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

void guards_end_large_blocks(void **state) {
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

void sampled_blocks_have_pages_of_their_own(void **state) {
    (void)state;
    hy_instance heap;
    open_with("sample=every:1,guards=yes", &heap);
    assert_true(is_guarded((char *)hy_alloc(heap.heap, 64, 16) + 64));
    hy_close(&heap);
    open_with("guards=yes", &heap);
    assert_false(is_guarded((char *)hy_alloc(heap.heap, 64, 16) + 64));
    hy_close(&heap);
}
