/* SPDX-License-Identifier: MIT
 *
 * stress_work.c - random operations, and threads that come and go (see stress_work.h).
 *
 *  1. A step takes a slot: an empty one gets a block; the block of a full one is verified, then freed, resized or put
 *     back.  A third of the steps go to slots of other threads.
 *  2. A burst allocates many blocks of one size and frees them in an order of its own: pages fill and empty.
 *  3. A thread lives for some operations, leaves its blocks behind, and starts its successor.  Every fourth allocates
 *     once more in a destructor of thread-local data, after the library has said good-bye to it.
 */
#include "stress_work.h"

#include "stress_calls.h"
#include "stress_fail.h"
#include "stress_random.h"
#include "stress_sizes.h"
#include "stress_slots.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#define BURST 200u
#define STACK_BYTES ((size_t)256 << 10)

stress_plan stress_the_plan;

typedef struct work_seat {
    unsigned number, life;
    uint64_t operations; /* done by all threads so far */
    uint64_t fork_at;
    pthread_t last; /* the thread before this one, and in the end the last of all */
    bool has_last;
} work_seat;

static work_seat seats[SEATS];
static unsigned seats_at_work;
static pthread_key_t late_key;

uint64_t stress_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec;
}

/* ------------------------------------------------------------------------------------------------------- steps ---- */

/* Not more than is allowed at a time. */
static size_t any_size(const stress_mood *mood, uint64_t *rng) {
    const size_t size = mood_size(mood, rng);
    return slots_live() + size <= stress_the_plan.most_live ? size : random_below(rng, 65);
}

static void resize(call_block *block, const stress_mood *mood, uint64_t *rng) {
    const size_t old = block->size;
    size_t size = random_once_in(rng, 3) ? old + random_below(rng, old / 4 + 32) : any_size(mood, rng);
    size = slots_live() + size <= stress_the_plan.most_live ? size : random_below(rng, old + 1);
    size += size == 0; /* to 0 is tested elsewhere: libraries differ */
    block_leave(block);
    call_resize(block, size, rng);
    block_verify(block, old < size ? old : size);
    block_enter(block);
}

static bool can_resize(const call_block *block) {
    return block->kind == CALL_MALLOC || block->kind == CALL_ALIGNED;
}

static void give(stress_slot *slot, const stress_mood *mood, uint64_t *rng) {
    slot->block = call_alloc(any_size(mood, rng), rng);
    block_enter(&slot->block);
    slot->seat = stress_here.seat;
    slot->life = stress_here.life;
    slot_put(slot, SLOT_FULL);
}

static void take_away(stress_slot *slot, uint64_t *rng) {
    block_leave(&slot->block);
    call_free(&slot->block, rng);
}

static void step_full(stress_slot *slot, const stress_mood *mood, uint64_t *rng) {
    const size_t what = random_below(rng, 100);
    if (what < 50) {
        take_away(slot, rng);
        slot_put(slot, SLOT_EMPTY);
        return;
    }
    if (what < 70) {
        take_away(slot, rng);
        give(slot, mood, rng);
        return;
    }
    if (what < 92 && can_resize(&slot->block))
        resize(&slot->block, mood, rng);
    else if (what == 99)
        call_refusals(&slot->block, rng);
    block_verify(&slot->block, slot->block.usable);
    slot_put(slot, SLOT_FULL);
}

static void step(size_t row, const stress_mood *mood, uint64_t *rng) {
    stress_slot *const slot = slot_at(row, random_below(rng, SLOTS));
    switch (slot_take(slot)) {
    case SLOT_EMPTY: give(slot, mood, rng); break;
    case SLOT_FULL: step_full(slot, mood, rng); break;
    case SLOT_HELD: break; /* another thread is at it, and does not look at what it was */
    }
}

static void burst(const stress_mood *mood, uint64_t *rng) {
    call_block blocks[BURST];
    const size_t wanted = any_size(mood, rng), size = wanted < 8192 ? wanted : 8192;
    const size_t count = 1 + random_below(rng, BURST);
    const size_t stride = 1 + 2 * random_below(rng, count), start = random_below(rng, count);
    for (size_t i = 0; i < count; i++) {
        blocks[i] = call_malloc(size);
        block_enter(&blocks[i]);
    }
    for (size_t i = 0, left = count; left > 0; i++) {
        call_block *const block = &blocks[(start + i * stride) % count];
        call_block *const victim = block->at ? block : &blocks[i % count];
        if (!victim->at)
            continue;
        block_leave(victim);
        call_free(victim, rng);
        victim->at = NULL;
        left--;
    }
}

static void operate(work_seat *seat, const stress_mood *mood, uint64_t *rng) {
    const size_t what = random_below(rng, 4000);
    stress_here.operation = ++seat->operations;
    if (stress_the_plan.fork_each && seat->operations >= seat->fork_at) {
        seat->fork_at = seat->operations + 1 + random_below(rng, 2 * stress_the_plan.fork_each);
        fork_and_wait(rng);
    }
    if (what < 20)
        burst(mood, rng);
    else if (what < 24)
        call_questions(rng);
    else
        step(what < 2700 ? seat->number : random_below(rng, stress_the_plan.seats + 1), mood, rng);
}

/* ------------------------------------------------------------------------------------------------------ threads ----
 */

static void allocate_late(void *block) {
    uint64_t rng = (uintptr_t)block;
    stress_here.call = "free in a destructor";
    free(block);
    if (random_once_in(&rng, 2))
        pthread_setspecific(late_key, malloc(random_below(&rng, 4096)));
}

static bool is_over(const work_seat *seat) {
    const stress_plan *const plan = &stress_the_plan;
    return plan->operations ? seat->operations >= plan->operations
                            : stress_seconds() >= __atomic_load_n(&plan->end, __ATOMIC_RELAXED);
}

static void start_thread(work_seat *seat);

/* With one thread at a time the predecessor has gone before anything happens: so a seed repeats. */
static void join_predecessor(work_seat *seat) {
    if (seat->has_last)
        pthread_join(seat->last, NULL);
    seat->has_last = false;
}

static void *live(void *context) {
    work_seat *const seat = context;
    uint64_t rng = stress_the_plan.seed + random_mixed(((uint64_t)seat->number << 32) + ++seat->life);
    const stress_mood mood = mood_any(&rng);
    const uint64_t some = random_magnitude(&rng, 6, 14) / (mood.kind == MOOD_LARGE ? 32 : 1);
    const bool early = stress_the_plan.seats == 1 || random_once_in(&rng, 2);
    stress_here = (stress_place){.seat = seat->number, .life = seat->life, .operation = seat->operations};
    if (stress_the_plan.nice)
        setpriority(PRIO_PROCESS, 0, stress_the_plan.nice); /* of this thread only */
    if (early)
        join_predecessor(seat);
    for (uint64_t i = 0; i < some && ((i + 1) % 64 != 0 || !is_over(seat)); i++)
        operate(seat, &mood, &rng);
    join_predecessor(seat);
    if (random_once_in(&rng, 4))
        pthread_setspecific(late_key, malloc(random_below(&rng, 4096)));
    seat->last = pthread_self();
    seat->has_last = true;
    if (is_over(seat))
        __atomic_fetch_sub(&seats_at_work, 1, __ATOMIC_RELEASE);
    else
        start_thread(seat);
    return NULL;
}

static void start_thread(work_seat *seat) {
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    stress_here.call = "pthread_create";
    const int error = pthread_create(&thread, &attributes, live, seat);
    STRESS_EXPECT(error == 0, "a thread could not be started: %d", error);
    pthread_attr_destroy(&attributes);
}

void work_start(void) {
    const int error = pthread_key_create(&late_key, allocate_late);
    STRESS_EXPECT(error == 0, "no thread-local key: %d", error);
    seats_at_work = stress_the_plan.seats;
    for (unsigned i = 0; i < stress_the_plan.seats; i++) {
        seats[i] = (work_seat){.number = i, .fork_at = (i + 1) * stress_the_plan.fork_each / stress_the_plan.seats};
        start_thread(&seats[i]);
    }
}

void work_end(void) {
    __atomic_store_n(&stress_the_plan.end, 0, __ATOMIC_RELAXED);
}

bool work_goes_on(uint64_t *ret_progress) {
    *ret_progress = 0;
    for (unsigned i = 0; i < stress_the_plan.seats; i++)
        *ret_progress += __atomic_load_n(&seats[i].operations, __ATOMIC_RELAXED);
    return __atomic_load_n(&seats_at_work, __ATOMIC_ACQUIRE) > 0;
}

uint64_t work_join(void) {
    const struct timespec pause = {.tv_nsec = 1000000};
    uint64_t lives = 0;
    while (__atomic_load_n(&seats_at_work, __ATOMIC_ACQUIRE) > 0)
        nanosleep(&pause, NULL);
    for (unsigned i = 0; i < stress_the_plan.seats; i++) {
        join_predecessor(&seats[i]);
        lives += seats[i].life;
    }
    return lives;
}

void work_some(unsigned seat, uint64_t operations, uint64_t seed) {
    work_seat here = {.number = seat, .life = stress_here.life, .fork_at = UINT64_MAX};
    const stress_mood mood = mood_any(&seed);
    for (uint64_t i = 0; i < operations; i++)
        operate(&here, &mood, &seed);
}
