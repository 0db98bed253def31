/* SPDX-License-Identifier: MIT
 *
 * malloc_only THREADS EVENTS - threads that do nothing but allocate and free: 256 blocks each, of 16 to 271 bytes, one
 * of them, by chance, freed and made anew in each step.  The worst that a recorder can meet.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

enum { BLOCKS = 256, MOST_THREADS = 64 };

static size_t steps;

static void *work(void *seed) {
    void *blocks[BLOCKS] = {NULL};
    uint64_t x = (uintptr_t)seed;
    for (size_t i = 0; i < steps; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        const size_t k = x % BLOCKS;
        free(blocks[k]);
        blocks[k] = malloc(16 + (x >> 20) % 256);
        *(volatile char *)blocks[k] = 1;
    }
    for (size_t k = 0; k < BLOCKS; k++)
        free(blocks[k]);
    return NULL;
}

int main(int argc, char **argv) {
    static pthread_t threads[MOST_THREADS];
    const size_t count = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
    if (count == 0 || count > MOST_THREADS)
        return 2;
    steps = strtoul(argv[2], NULL, 10) / 2 / count;
    for (size_t i = 1; i < count; i++)
        pthread_create(&threads[i], NULL, work, (void *)(0x9e3779b97f4a7c15u * i));
    work((void *)0x2545f4914f6cdd1du);
    for (size_t i = 1; i < count; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
