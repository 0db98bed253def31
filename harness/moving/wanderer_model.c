/* SPDX-License-Identifier: MIT
 *
 * wanderer_model.c - the wanderer's right answer, from two arrays: no list, no links, nothing that could be moved.
 */
#include "wanderer_model.h"

#include "wanderer.h"

#include <stdbool.h>

static uint64_t model_look(const bool *is_in, const uint64_t *value, uint64_t round) {
    uint64_t sum = 0;
    for (uint64_t key = round % 7; key < WANDERER_KEYS; key += 7) {
        const uint64_t of = is_in[key] ? value[key] : key;
        const uint64_t made = wanderer_deed((unsigned)(key % WANDERER_DEEDS), of);
        sum += wanderer_deed((unsigned)((key + 1) % WANDERER_DEEDS), made);
    }
    return sum;
}

static uint64_t model_walk(const bool *is_in, const uint64_t *value) {
    uint64_t sum = 0;
    for (uint64_t key = 0; key < WANDERER_KEYS; key++) {
        const uint64_t done = wanderer_deed((unsigned)(key % WANDERER_DEEDS), value[key]);
        sum += is_in[key] ? done ^ done << 1 : 0;
    }
    return sum;
}

uint64_t hy_wanderer_answer(uint64_t rounds) {
    bool is_in[WANDERER_KEYS] = {false};
    uint64_t value[WANDERER_KEYS] = {0}, sum = 0;
    for (uint64_t round = 0; round < rounds; round++) {
        for (uint64_t n = 0; n < WANDERER_CHANGES; n++) {
            const uint64_t key = wanderer_key(round, n);
            if (wanderer_puts_in(round) && !is_in[key])
                value[key] = wanderer_mix(key ^ round << 20);
            is_in[key] = wanderer_puts_in(round);
        }
        sum = sum * 3 + model_look(is_in, value, round) + model_walk(is_in, value);
    }
    return sum;
}
