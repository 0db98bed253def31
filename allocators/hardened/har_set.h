/* SPDX-License-Identifier: MIT
 *
 * har_set.h - the parameters: a level says all of them, and each can be said by itself.
 */
#ifndef HAR_SET_H
#define HAR_SET_H

#include "har_heap.h"

typedef struct har_params {
    uint32_t level;
    uint32_t canary, zero, random, placement, areas, guards, sweep;
    hy_rule check, quarantine, quarantine_bytes, delay, sample;
    bool sites, json;
    size_t retain;
} har_params;

extern const hy_param har_table[];

har_set har_set_of(const har_params *params);

#endif
