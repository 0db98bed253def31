/* SPDX-License-Identifier: MIT
 *
 * producer_consumer.c - one thread makes messages, the other reads and frees them.
 *
 *   1. A message is a chain of parts, each a block of its own; most are small, a few are some KiB.
 *   2. The producer frees nothing that it hands over, the consumer allocates nothing: every block changes hands.
 *   3. Messages go over in batches through a ring of a few places, with a lock and two conditions: either thread may
 *      be ahead, by so much at most.  Their order, and so all that is done, does not depend on the threads' speed.
 *
 *     ./producer_consumer [MESSAGES]      prints how many blocks and bytes arrived, and a checksum of their contents
 *
 * Exit code 2: its words were wrong, 1: there is no thread.
 */
#include "recipe.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 128
#define PLACES 16

typedef struct part {
    struct part *next;
    uint32_t size;
    unsigned char bytes[];
} part;

typedef struct batch {
    size_t count;
    part *message[BATCH];
} batch;

typedef struct ring {
    pthread_mutex_t lock;
    pthread_cond_t filled, emptied;
    size_t first, count;
    batch place[PLACES];
    size_t messages; /* that the producer makes */
} ring;

typedef struct arrived {
    uint64_t blocks, bytes, sum;
} arrived;

/* ---------------------------------------------------------------------------------------------------- messages ---- */

/* Of 64 parts, 48 have up to 96 bytes, 15 up to 1 KiB, one up to 16 KiB. */
static uint32_t draw_size(uint64_t *state) {
    const uint64_t kind = draw(state) % 64, most = kind < 48 ? 96 : kind < 63 ? 1024 : 16384;
    return 1 + (uint32_t)(draw(state) % most);
}

/* Its first and last bytes say what it is; in between it is filled, as a message would be. */
static part *make_part(uint64_t *state, part *next) {
    const uint32_t size = draw_size(state);
    part *const p = must(malloc(sizeof *p + size));
    p->next = next;
    p->size = size;
    memset(p->bytes, (int)(*state & 0xff), size);
    p->bytes[size - 1] = (unsigned char)(*state >> 8);
    return p;
}

static part *make_message(uint64_t *state) {
    part *message = NULL;
    for (uint64_t left = 1 + draw(state) % 7; left > 0; left--)
        message = make_part(state, message);
    return message;
}

static void consume_message(part *message, arrived *sum) {
    while (message) {
        part *const next = message->next;
        sum->blocks++;
        sum->bytes += message->size;
        sum->sum = sum->sum * 31 + message->bytes[0] + ((uint64_t)message->bytes[message->size - 1] << 8);
        free(message);
        message = next;
    }
}

/* -------------------------------------------------------------------------------------------------------- ring ---- */

static void put_batch(ring *r, const batch *full) {
    pthread_mutex_lock(&r->lock);
    while (r->count == PLACES)
        pthread_cond_wait(&r->emptied, &r->lock);
    r->place[(r->first + r->count++) % PLACES] = *full;
    pthread_cond_signal(&r->filled);
    pthread_mutex_unlock(&r->lock);
}

static void take_batch(ring *r, batch *ret_batch) {
    pthread_mutex_lock(&r->lock);
    while (r->count == 0)
        pthread_cond_wait(&r->filled, &r->lock);
    *ret_batch = r->place[r->first];
    r->first = (r->first + 1) % PLACES;
    r->count--;
    pthread_cond_signal(&r->emptied);
    pthread_mutex_unlock(&r->lock);
}

/* A batch that is not full is the last. */
static void *produce(void *argument) {
    ring *const r = argument;
    uint64_t state = 12345;
    batch b = {.count = 0};
    for (size_t i = 0; i < r->messages; i++) {
        b.message[b.count++] = make_message(&state);
        if (b.count == BATCH) {
            put_batch(r, &b);
            b.count = 0;
        }
    }
    put_batch(r, &b);
    return NULL;
}

static arrived consume(ring *r) {
    arrived sum = {0};
    batch b;
    do {
        take_batch(r, &b);
        for (size_t i = 0; i < b.count; i++)
            consume_message(b.message[i], &sum);
    } while (b.count == BATCH);
    return sum;
}

int main(int argc, char **argv) {
    const unsigned long messages = argc == 1 ? 1500000 : argc == 2 ? read_number(argv[1], 1000000000) : 0;
    if (messages == 0) {
        fprintf(stderr, "usage: %s [MESSAGES], which is a number from 1 to 1000000000 (1500000)\n", argv[0]);
        return 2;
    }
    static ring r = {
        .lock = PTHREAD_MUTEX_INITIALIZER, .filled = PTHREAD_COND_INITIALIZER, .emptied = PTHREAD_COND_INITIALIZER};
    r.messages = messages;
    pthread_t producer;
    if (pthread_create(&producer, NULL, produce, &r) != 0)
        return 1;
    const arrived sum = consume(&r);
    pthread_join(producer, NULL);
    printf("%zu messages, %" PRIu64 " blocks, %" PRIu64 " bytes, %016" PRIx64 "\n", r.messages, sum.blocks, sum.bytes,
           sum.sum);
    return 0;
}
