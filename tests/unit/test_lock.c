/* SPDX-License-Identifier: MIT
 *
 * test_lock.c - the lock layer, with threads and with fork.
 */
#include "exercise.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 4
#define ROUNDS 3000

/* One mailbox for all: a thread puts its block in and gets another thread's out, so that frees cross threads. */
typedef struct shared {
    hy_heap *heap;
    unsigned char *mailbox;
    unsigned wrong;
} shared;

static void *trade(void *context) {
    shared *const all = context;
    for (unsigned i = 0; i < ROUNDS; i++) {
        const size_t size = 16 + i % 200;
        unsigned char *const mine = hy_alloc(all->heap, size, 16);
        if (!mine)
            continue;
        memset(mine, (int)size, size);
        unsigned char *const other = __atomic_exchange_n(&all->mailbox, mine, __ATOMIC_ACQ_REL);
        for (size_t k = 0; other && k < other[0]; k++)
            if (other[k] != other[0])
                __atomic_fetch_add(&all->wrong, 1, __ATOMIC_RELAXED);
        hy_free(all->heap, other, 0);
    }
    return NULL;
}

static void threads_trade_blocks(void **state) {
    (void)state;
    static const char *const specs[] = {"fit", "skeleton", "pool:size=256", "guard+fit"};
    for (size_t s = 0; s < sizeof specs / sizeof *specs; s++) {
        hy_instance heap;
        pthread_t threads[THREADS];
        exercise_open_with(specs[s], &(hy_open_options){.threads = true}, &heap);
        assert_true(heap.locked);
        shared all = {.heap = heap.heap};
        for (int i = 0; i < THREADS; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, trade, &all), 0);
        for (int i = 0; i < THREADS; i++)
            pthread_join(threads[i], NULL);
        hy_free(heap.heap, all.mailbox, 0);
        assert_int_equal(all.wrong, 0);
        exercise_check(heap.heap);
        assert_int_equal(exercise_count(heap.heap, HY_USED), 0);
        hy_close(&heap);
    }
}

static void a_safe_heap_gets_no_lock(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open_with("null", &(hy_open_options){.threads = true}, &heap);
    assert_false(heap.locked);
    hy_close(&heap);
}

static void offers_what_the_heap_behind_offers(void **state) {
    (void)state;
    hy_instance heap;
    exercise_open("lock+bump", &heap);
    assert_null(heap.heap->ops->mark);
    assert_null(heap.heap->ops->coalesce);
    assert_non_null(heap.heap->ops->walk);
    assert_true(heap.heap->ops->flags & HY_NO_REUSE);
    hy_close(&heap);
    exercise_open("lock+pool:size=64", &heap);
    assert_int_equal(heap.heap->max_size, 64);
    assert_int_equal(heap.heap->ops->max_align, 16);
    assert_null(hy_alloc(heap.heap, 65, 16));
    char *const block = hy_alloc(heap.heap, 64, 16);
    assert_true(heap.heap->ops->owns(heap.heap, block));
    hy_close(&heap);
    exercise_open("lock+region", &heap);
    void *const mark = heap.heap->ops->mark(heap.heap);
    hy_alloc(heap.heap, 64, 16);
    heap.heap->ops->rewind(heap.heap, mark);
    assert_int_equal(exercise_count(heap.heap, HY_USED), 0);
    hy_close(&heap);
}

static void *allocate_for_ever(void *context) {
    shared *const all = context;
    while (!__atomic_load_n(&all->wrong, __ATOMIC_ACQUIRE))
        hy_free(all->heap, hy_alloc(all->heap, 100, 16), 100);
    return NULL;
}

/* A fork while another thread allocates: parent and child both go on. */
static void forks_at_rest(void **state) {
    (void)state;
    hy_instance heap;
    pthread_t thread;
    exercise_open("lock+fit", &heap);
    shared all = {.heap = heap.heap};
    assert_int_equal(pthread_create(&thread, NULL, allocate_for_ever, &all), 0);
    for (int i = 0; i < 20; i++) {
        heap.heap->ops->fork(heap.heap, HY_FORK_BEFORE);
        const pid_t child = fork();
        heap.heap->ops->fork(heap.heap, child ? HY_FORK_PARENT : HY_FORK_CHILD);
        if (child == 0) {
            void *const block = hy_alloc(heap.heap, 100, 16);
            _exit(block && !heap.heap->ops->check(heap.heap) ? 0 : 1);
        }
        int status = -1;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
    __atomic_store_n(&all.wrong, 1, __ATOMIC_RELEASE);
    pthread_join(thread, NULL);
    exercise_check(heap.heap);
    hy_close(&heap);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_trade_blocks),
        cmocka_unit_test(a_safe_heap_gets_no_lock),
        cmocka_unit_test(offers_what_the_heap_behind_offers),
        cmocka_unit_test(forks_at_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
