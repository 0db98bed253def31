/* SPDX-License-Identifier: MIT */
#include "twins.h"

bool hy_twins_find(const hy_twins *twins, uint64_t address, uint64_t since) {
    for (unsigned i = 0; i < HY_TWINS_BIRTHS; i++)
        if (twins->births[i].address == address && twins->births[i].ticks >= since)
            return true;
    return false;
}

bool hy_twins_put_aside(hy_twins *twins, hy_block block) {
    if (twins->count == HY_TWINS_ASIDE)
        return false;
    twins->aside[twins->count++] = block;
    return true;
}

bool hy_twins_take(hy_twins *twins, uint64_t address, hy_block *ret) {
    for (unsigned i = twins->count; i-- > 0;)
        if (twins->aside[i].address == address) {
            *ret = twins->aside[i];
            twins->aside[i] = twins->aside[--twins->count];
            return true;
        }
    return false;
}
