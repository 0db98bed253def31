/* SPDX-License-Identifier: MIT
 *
 * tick.c - see tick.h.
 */
#include "tick.h"

#include <stdbool.h>

#define NEAR 64u      /* ns: pairs of events that far apart come first */
#define SHORT 200u    /* ns: times between events that tell a tick roughly */
#define FEW 1024u     /* events: too few to seek a tick */
#define SAMPLES 1024u /* pairs of events at each distance */
#define LONGEST 31u   /* a stretch is below 2^31 ns long */

static uint64_t common_divisor(uint64_t base, const hy_event *events, uint32_t count) {
    uint64_t divisor = 0;
    for (uint32_t i = 0; i < count && divisor != 1; i++) {
        uint64_t rest = events[i].time - (i ? events[i - 1].time : base);
        while (rest != 0) {
            const uint64_t next = divisor % rest;
            divisor = rest;
            rest = next;
        }
    }
    return divisor;
}

/* ---- a tick that is no whole number ---- */

/* How much nearer to multiples of `tick` the short times lie than they would by chance: 5/6 less 4/3 of a tick at best.
 */
static double score(const uint32_t *shorts, double all, double tick) {
    double on = 0;
    for (double multiple = tick; multiple < SHORT; multiple += tick) {
        const unsigned below = (unsigned)multiple;
        const double off = multiple - below;
        on += (1 - off * off) * shorts[below] + (2 - off) * off * shorts[below + 1];
    }
    return on / all - 4 / (3 * tick);
}

static double find_roughly(const hy_event *events, uint32_t count) {
    uint32_t shorts[SHORT + 1] = {0};
    double all = 1;
    for (uint32_t i = 1; i < count; i++) {
        const uint64_t passed = events[i].time - events[i - 1].time;
        if (passed > 0 && passed < SHORT) {
            shorts[passed]++;
            all++;
        }
    }
    double best = 0, most = 0.4;
    for (double tick = 4; tick < 40; tick += 0.02) {
        const double now = score(shorts, all, tick);
        if (now > most) {
            most = now;
            best = tick;
        }
    }
    return best;
}

/* The first event at or after `time`. */
static uint32_t event_at(const hy_event *events, uint32_t count, uint64_t time) {
    uint32_t low = 0;
    while (count > 0) {
        const uint32_t half = count / 2;
        if (events[low + half].time < time) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return low;
}

/* Least squares over pairs of events that are about `apart` ns apart. */
static double refine(const hy_event *events, uint32_t count, double tick, uint64_t apart) {
    double top = 0, bottom = 0;
    for (uint32_t i = 0; i < SAMPLES; i++) {
        const uint32_t first = (uint32_t)((uint64_t)i * count / SAMPLES);
        const uint32_t second = event_at(events, count, events[first].time + apart);
        if (second == count)
            break;
        const uint64_t passed = events[second].time - events[first].time;
        const uint64_t ticks = (uint64_t)((double)passed / tick + 0.5);
        const double off = (double)passed - (double)ticks * tick;
        if (passed > 2 * apart || off < -1.5 || off > 1.5)
            continue;
        top += (double)ticks * (double)passed;
        bottom += (double)ticks * (double)ticks;
    }
    return bottom > 0 ? top / bottom : tick;
}

uint64_t hy_tick_find(uint64_t base, const hy_event *events, uint32_t count) {
    const uint64_t divisor = common_divisor(base, events, count);
    if (divisor > 1 && divisor < HY_TICK_MOST >> 32)
        return divisor << 32;
    if (count < FEW)
        return HY_TICK_ONE;
    double tick = find_roughly(events, count);
    const uint64_t length = events[count - 1].time - events[0].time;
    for (uint64_t apart = NEAR; tick > 0 && apart < length; apart *= 2)
        tick = refine(events, count, tick, apart);
    return tick >= 4 && tick < 64 ? (uint64_t)(tick * (double)HY_TICK_ONE + 0.5) : HY_TICK_ONE;
}

/* ---- counting ---- */

/* A stretch being counted: its start may lie from `low` to below `high`, in 2^-32 ns after `time`. */
typedef struct stretch_now {
    uint64_t time;
    uint64_t ticks;
    int64_t low, high;
    uint32_t first;
} stretch_now;

/* True, and the ticks since the stretch's start: the time fits. */
static bool stretch_goes_on(stretch_now *now, uint64_t tick, uint64_t time, uint64_t *ret_ticks) {
    const uint64_t passed = time - now->time;
    if (passed >> LONGEST != 0)
        return false;
    const int64_t fine = (int64_t)(passed << 32), middle = now->low + (now->high - now->low) / 2;
    const int64_t ahead = fine + (int64_t)(HY_TICK_ONE / 2) - middle;
    const uint64_t ticks = ahead > 0 ? ((uint64_t)ahead + tick / 2) / tick : 0;
    /* The ticks may reach beyond 2^63; what they differ by from the time is small. */
    const int64_t low = (int64_t)((uint64_t)fine - ticks * tick), high = low + (int64_t)HY_TICK_ONE;
    const int64_t new_low = low > now->low ? low : now->low, new_high = high < now->high ? high : now->high;
    if (new_low >= new_high || ticks < now->ticks)
        return false;
    *ret_ticks = ticks;
    now->low = new_low;
    now->high = new_high;
    return true;
}

static hy_stretch stretch_close(const stretch_now *now, uint64_t tick, uint64_t before, uint32_t end,
                                uint64_t *ret_ticks) {
    const uint64_t start = now->low == 0 ? 0 : (uint64_t)(now->low + (now->high - now->low) / 2);
    const unsigned __int128 fine = ((unsigned __int128)(now->time - before) << 32) + start;
    ret_ticks[now->first] = (uint64_t)(fine / tick);
    return (hy_stretch){.events = end - now->first, .offset = (uint64_t)(fine % tick)};
}

uint32_t hy_tick_count(uint64_t tick, uint64_t base, const hy_event *events, uint32_t count, uint64_t *ret_ticks,
                       hy_stretch *ret_stretches, uint32_t most) {
    uint32_t stretches = 0;
    for (uint32_t i = 0; i < count;) {
        if (stretches == most)
            return 0;
        const uint64_t before = i ? events[i - 1].time : base;
        stretch_now now = {.time = events[i].time, .high = tick == HY_TICK_ONE ? 1 : (int64_t)HY_TICK_ONE, .first = i};
        uint64_t ticks;
        for (i++; i < count; i++) {
            if (tick == HY_TICK_ONE)
                ticks = events[i].time - now.time;
            else if (!stretch_goes_on(&now, tick, events[i].time, &ticks))
                break;
            ret_ticks[i] = ticks - now.ticks;
            now.ticks = ticks;
        }
        ret_stretches[stretches++] = stretch_close(&now, tick, before, i, ret_ticks);
    }
    return stretches;
}
