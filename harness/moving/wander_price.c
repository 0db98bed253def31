/* SPDX-License-Identifier: MIT
 *
 * wander_price.c - instructions of the wanderer, counted one by one: the processor traps behind each.
 *
 * A function that does something n times is run for two n; the difference is that of the steps alone.
 */
#include "wander_inside.h"

#include <signal.h>
#include <stddef.h>

#define PRICE_FEW 20u
#define PRICE_MORE 60u

static volatile uint64_t price_traps;

static void price_count(int signal) {
    (void)signal;
    price_traps++;
}

static uint64_t price_of(uint64_t function, uint64_t count) {
    price_traps = 0;
    hy_wander_step(function, count);
    return price_traps;
}

double wander_price(const wander *self, const char *function) {
    const struct sigaction count = {.sa_handler = price_count};
    struct sigaction before;
    const uint64_t address = (uint64_t)(uintptr_t)wander_at(self, function);
    if (sigaction(SIGTRAP, &count, &before) < 0)
        return 0;
    const uint64_t few = price_of(address, PRICE_FEW), more = price_of(address, PRICE_MORE);
    sigaction(SIGTRAP, &before, NULL);
    return more > few ? (double)(more - few) / (PRICE_MORE - PRICE_FEW) : 0;
}
