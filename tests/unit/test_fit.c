/* SPDX-License-Identifier: MIT
 *
 * test_fit.c - fit: the scenario of two neighbouring holes, random and exhaustive sequences, exhaustion, giving back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "heap_cases.h"

static const char *const specs[] = {"first-fit",
                                    "next-fit",
                                    "best-fit",
                                    "worst-fit",
                                    "fit:order=address",
                                    "fit:policy=next,order=fifo",
                                    "next-fit:order=address,grain=1",
                                    "fit:policy=best,order=lifo,grain=1",
                                    "fit:policy=next,order=lifo,grain=1",
                                    "fit:grain=1,chunk=4K,trim=8K",
                                    "fit:policy=best,reserve=256K,chunk=4K,trim=16K",
                                    "fit:policy=worst,order=fifo,reserve=64K",
                                    "best-fit:structure=list",
                                    "worst-fit:structure=list,grain=1",
                                    "best-fit:grain=1,reserve=128K,trim=32K",
                                    NULL};

/* The classic demonstration: 100, 240, 256 and 333 bytes; the second and third freed; 300 more.  Where the range of the
 * last starts in a storage of 4096 bytes. */
static size_t place_of_300(const char *spec) {
    static char storage[4096];
    array_pages pages = array_pages_of(storage, sizeof storage);
    hy_instance instance;
    const hy_open_options options = {.data = &pages.pages};
    hy_pages *const meta = open_mmap();
    hy_open_options with_meta = options;
    with_meta.meta = meta;
    open_heap(spec, &with_meta, &instance);
    hy_heap *const heap = instance.heap;
    const size_t sizes[] = {100, 240, 256, 333};
    char *blocks[4];
    for (size_t i = 0; i < 4; i++) {
        blocks[i] = hy_alloc(heap, sizes[i], 1);
        assert_non_null(blocks[i]);
    }
    hy_free(heap, blocks[1], 240);
    hy_free(heap, blocks[2], 256);
    char *const last = hy_alloc(heap, 300, 1);
    assert_non_null(last);
    assert_null(heap->ops->check(heap));
    const size_t offset = (size_t)(last - 8 - storage);
    hy_close(&instance);
    assert_int_equal(pages.pages.committed, 0);
    meta->ops->destroy(meta);
    return offset;
}

static void two_neighbouring_holes(void **state) {
    (void)state;
    assert_int_equal(place_of_300("fit:grain=1,policy=first"), 0x6c);
    assert_int_equal(place_of_300("fit:grain=1,policy=best"), 0x6c);
    assert_int_equal(place_of_300("fit:grain=1,policy=next"), 0x3c1);
    assert_int_equal(place_of_300("fit:grain=1,policy=worst"), 0x3c1);
    assert_int_equal(place_of_300("first-fit:grain=1,order=address"), 0x6c);
    assert_int_equal(place_of_300("next-fit:grain=1,order=address"), 0x3c1);
    assert_int_equal(place_of_300("best-fit:grain=1"), 0x6c);
    assert_int_equal(place_of_300("best-fit:grain=1,structure=list"), 0x6c);
    assert_int_equal(place_of_300("worst-fit:grain=1,structure=list"), 0x3c1);
    assert_int_equal(place_of_300("worst-fit:grain=1"), 0x3c1);
    assert_int_equal(place_of_300("first-fit:grain=1"), 0x6c);
}

/* A block costs 8 bytes, and blocks lie side by side. */
static void overhead(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("first-fit", NULL, &instance);
    char *const one = hy_alloc(instance.heap, 24, 16), *const two = hy_alloc(instance.heap, 25, 16);
    char *const three = hy_alloc(instance.heap, 1, 16);
    assert_int_equal(two - one, 32);
    assert_int_equal(three - two, 48);
    assert_int_equal(instance.heap->ops->usable_size(instance.heap, one), 24);
    assert_int_equal(instance.heap->ops->usable_size(instance.heap, two), 40);
    hy_close(&instance);
}

/* Every sequence of up to 8 operations over 4 slots and 3 sizes.  A step fills the first empty slot (which one makes no
 * difference to the heap) with one of the sizes, or frees a filled one.  Each sequence is replayed on an empty heap;
 * what comes before its last step was a sequence of its own, so only the last step is checked. */
enum { SEQUENCE_SLOTS = 4, SEQUENCE_SIZES = 3, SEQUENCE_LENGTH = 8 };

typedef struct sequence {
    unsigned step[SEQUENCE_LENGTH], count; /* a step: the number of a size, or SEQUENCE_SIZES and a slot's */
    bool filled[SEQUENCE_SLOTS];
    uint64_t name; /* its steps, counted from 1, as decimal digits */
} sequence;

/* The sequence with one step more.  False: that step makes no sense. */
static bool sequence_add(const sequence *before, unsigned step, sequence *ret) {
    const bool fills = step < SEQUENCE_SIZES;
    unsigned slot = fills ? 0 : step - SEQUENCE_SIZES;
    while (fills && slot < SEQUENCE_SLOTS && before->filled[slot])
        slot++;
    if (slot == SEQUENCE_SLOTS || before->filled[slot] == fills)
        return false;
    *ret = *before;
    ret->filled[slot] = fills;
    ret->step[ret->count++] = step;
    ret->name = ret->name * 10 + step + 1;
    return true;
}

static const char *sequence_replay(const sequence *q, hy_heap *heap) {
    static const size_t sizes[SEQUENCE_SIZES] = {1, 60, 200};
    shadow model = {.heap = heap};
    bool filled[SEQUENCE_SLOTS] = {false};
    const char *wrong = NULL;
    for (unsigned i = 0; !wrong && i < q->count; i++) {
        const bool fills = q->step[i] < SEQUENCE_SIZES;
        size_t slot = fills ? 0 : q->step[i] - SEQUENCE_SIZES;
        while (fills && filled[slot])
            slot++;
        filled[slot] = fills;
        wrong = fills ? shadow_alloc(&model, slot, sizes[q->step[i]], 1, false) : shadow_free(&model, slot);
    }
    wrong = wrong ? wrong : shadow_check(&model);
    heap->ops->reset(heap);
    return wrong;
}

static void exhaust_from(const char *spec, hy_heap *heap, const sequence *before) {
    sequence q;
    for (unsigned step = 0; before->count < SEQUENCE_LENGTH && step < SEQUENCE_SIZES + SEQUENCE_SLOTS; step++) {
        if (!sequence_add(before, step, &q))
            continue;
        expect_fine(sequence_replay(&q, heap), spec, "sequence", q.name);
        exhaust_from(spec, heap, &q);
    }
}

static void exhaust(const char *spec) {
    static char storage[512]; /* three large blocks do not fit: exhaustion is among the sequences */
    array_pages pages = array_pages_of(storage, sizeof storage);
    const hy_open_options options = {.data = &pages.pages, .meta = open_mmap()};
    hy_instance instance;
    open_heap(spec, &options, &instance);
    exhaust_from(spec, instance.heap, &(sequence){.count = 0});
    hy_close(&instance);
    options.meta->ops->destroy(options.meta);
}

static void exhaustive_sequences(void **state) {
    (void)state;
    exhaust("first-fit:grain=1,order=address");
    exhaust("next-fit:grain=1");
    exhaust("best-fit:structure=list");
    exhaust("best-fit:grain=1");
    exhaust("worst-fit:order=lifo");
    exhaust("next-fit:order=fifo");
}

/* Every second of many blocks freed, in each direction: each hole must find its place in address order quickly.
 * Measured in list steps of a later search, not in time: this test is about order, and ends soon if that is so. */
static void address_order(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("first-fit:order=address", NULL, &instance);
    enum { COUNT = 20000 };
    static void *blocks[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        blocks[i] = hy_alloc(instance.heap, 100, 16);
    for (size_t i = 0; i < COUNT; i += 4)
        hy_free(instance.heap, blocks[i], 0);
    for (size_t i = COUNT - 2; i < COUNT; i -= 4)
        hy_free(instance.heap, blocks[i], 0);
    assert_null(instance.heap->ops->check(instance.heap));
    assert_ptr_equal(hy_alloc(instance.heap, 100, 16), blocks[0]);
    assert_ptr_equal(hy_alloc(instance.heap, 100, 16), blocks[2]);
    hy_close(&instance);
}

/* check finds damage. */
static void damage_is_found(void **state) {
    (void)state;
    hy_instance instance;
    open_heap("first-fit", NULL, &instance);
    hy_heap *const heap = instance.heap;
    char *const one = hy_alloc(heap, 100, 16), *const two = hy_alloc(heap, 100, 16);
    hy_alloc(heap, 100, 16);
    assert_null(heap->ops->check(heap));
    const char saved = one[104];
    one[104] = (char)(saved + 16); /* the size in the next header */
    assert_non_null(heap->ops->check(heap));
    one[104] = saved;
    assert_null(heap->ops->check(heap));
    hy_free(heap, two, 100);
    two[0] = (char)(two[0] + 1); /* a link of the hole */
    assert_non_null(heap->ops->check(heap));
    two[0] = (char)(two[0] - 1);
    two[96] = (char)(two[96] + 1); /* its footer */
    assert_non_null(heap->ops->check(heap));
    two[96] = (char)(two[96] - 1);
    assert_null(heap->ops->check(heap));
    hy_close(&instance);
}

static void top_goes_back(void **state) {
    run_top("first-fit:trim=256K,chunk=64K");
}

static void realloc_in_place(void **state) {
    run_realloc_in_place("first-fit");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_neighbouring_holes),
        cmocka_unit_test(overhead),
        HEAP_CASE(random_steps, specs),
        cmocka_unit_test(exhaustive_sequences),
        HEAP_CASE(alignments, specs),
        HEAP_CASE(failing_requests, specs),
        HEAP_CASE(giving_back, specs),
        cmocka_unit_test(top_goes_back),
        cmocka_unit_test(realloc_in_place),
        HEAP_CASE(walks, specs),
        HEAP_CASE(resets, specs),
        cmocka_unit_test(address_order),
        cmocka_unit_test(damage_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
