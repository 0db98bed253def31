/* SPDX-License-Identifier: MIT
 *
 * slow_pagers.h - replacement policies once more, written down from their papers without a thought for time: lists are
 * arrays in which everything moves, choices are searches over all pages.
 *
 * Each is a function that is given all references so far and those to come, and says for one of them whether the page
 * was resident.  They share nothing with the policies that they judge.
 */
#ifndef HY_SLOW_PAGERS_H
#define HY_SLOW_PAGERS_H

#include "simulate.h"

#include <stdlib.h>
#include <string.h>

#define SLOW_PAGES 64

/* An ordered list of pages; [0] is the newest. */
typedef struct slow_list {
    uint32_t page[4 * SLOW_PAGES];
    size_t count;
} slow_list;

static size_t slow_find(const slow_list *list, uint32_t page) {
    size_t i = 0;
    while (i < list->count && list->page[i] != page)
        i++;
    return i;
}

static bool slow_has(const slow_list *list, uint32_t page) {
    return slow_find(list, page) < list->count;
}

static void slow_drop(slow_list *list, uint32_t page) {
    const size_t i = slow_find(list, page);
    if (i < list->count)
        memmove(list->page + i, list->page + i + 1, (--list->count - i) * sizeof *list->page);
}

static void slow_add(slow_list *list, uint32_t page) {
    memmove(list->page + 1, list->page, list->count++ * sizeof *list->page);
    list->page[0] = page;
}

static uint32_t slow_take_oldest(slow_list *list) {
    return list->page[--list->count];
}

typedef struct slow_machine {
    size_t frames;
    uint64_t setting; /* window or age */
    const hy_page_reference *refs;
    size_t n, now;
    slow_list a, b, c, d; /* as each policy likes */
    double target;
    uint64_t count[SLOW_PAGES], last[SLOW_PAGES];
    bool bit[SLOW_PAGES];
} slow_machine;

static bool slow_fifo(slow_machine *m, uint32_t page) {
    if (slow_has(&m->a, page))
        return true;
    if (m->a.count == m->frames)
        slow_take_oldest(&m->a);
    slow_add(&m->a, page);
    return false;
}

static bool slow_lru(slow_machine *m, uint32_t page) {
    const bool hit = slow_has(&m->a, page);
    slow_drop(&m->a, page);
    if (m->a.count == m->frames)
        slow_take_oldest(&m->a);
    slow_add(&m->a, page);
    return hit;
}

/* Second chance as a queue: what has its bit set goes to the other end without it. */
static bool slow_clock(slow_machine *m, uint32_t page) {
    const bool hit = slow_has(&m->a, page);
    while (!hit && m->a.count == m->frames) {
        const uint32_t oldest = slow_take_oldest(&m->a);
        if (m->bit[oldest])
            slow_add(&m->a, oldest);
        m->bit[oldest] = false;
    }
    if (!hit)
        slow_add(&m->a, page);
    m->bit[page] = true;
    return hit;
}

/* 2Q as in the paper's figure: a is A1in, b is A1out, c is Am. */
static bool slow_2q(slow_machine *m, uint32_t page) {
    const size_t in = m->frames / 4 ? m->frames / 4 : 1, out = m->frames / 2 ? m->frames / 2 : 1;
    const bool remembered = slow_has(&m->b, page);
    if (slow_has(&m->c, page)) {
        slow_drop(&m->c, page);
        slow_add(&m->c, page);
        return true;
    }
    if (slow_has(&m->a, page))
        return true;
    if (m->a.count + m->c.count == m->frames) {
        if (m->a.count > in || m->c.count == 0) {
            slow_add(&m->b, slow_take_oldest(&m->a));
            if (m->b.count > out)
                slow_take_oldest(&m->b);
        } else
            slow_take_oldest(&m->c);
    }
    slow_drop(&m->b, page);
    slow_add(remembered ? &m->c : &m->a, page);
    return false;
}

static double slow_step(size_t other, size_t hit) {
    const double ratio = (double)((uint64_t)other * 65536 / hit) / 65536;
    return ratio > 1 ? ratio : 1;
}

static void slow_arc_replace(slow_machine *m, bool in_b2) {
    const double length = (double)m->a.count;
    if (m->a.count > 0 && (length > m->target || (in_b2 && length == m->target)))
        slow_add(&m->c, slow_take_oldest(&m->a));
    else
        slow_add(&m->d, slow_take_oldest(&m->b));
}

/* ARC as in the paper's figure 4: a, b, c, d are T1, T2, B1, B2. */
static bool slow_arc(slow_machine *m, uint32_t page) {
    const bool hit = slow_has(&m->a, page) || slow_has(&m->b, page);
    const bool in_b1 = slow_has(&m->c, page), in_b2 = slow_has(&m->d, page);
    const double frames = (double)m->frames;
    if (in_b1) {
        const double target = m->target + slow_step(m->d.count, m->c.count);
        m->target = target < frames ? target : frames;
        slow_arc_replace(m, false);
    } else if (in_b2) {
        const double target = m->target - slow_step(m->c.count, m->d.count);
        m->target = target > 0 ? target : 0;
        slow_arc_replace(m, true);
    } else if (!hit && m->a.count + m->c.count == m->frames) {
        if (m->a.count < m->frames) {
            slow_take_oldest(&m->c);
            slow_arc_replace(m, false);
        } else
            slow_take_oldest(&m->a);
    } else if (!hit) {
        const size_t all = m->a.count + m->b.count + m->c.count + m->d.count;
        if (all == 2 * m->frames)
            slow_take_oldest(&m->d);
        if (all >= m->frames)
            slow_arc_replace(m, false);
    }
    slow_drop(&m->a, page);
    slow_drop(&m->b, page);
    slow_drop(&m->c, page);
    slow_drop(&m->d, page);
    slow_add(hit || in_b1 || in_b2 ? &m->b : &m->a, page);
    return hit;
}

static bool slow_lfu(slow_machine *m, uint32_t page) {
    const bool hit = slow_has(&m->a, page);
    if (!hit && m->a.count == m->frames) {
        uint32_t least = m->a.page[0];
        for (size_t i = 1; i < m->a.count; i++) {
            const uint32_t p = m->a.page[i];
            if (m->count[p] < m->count[least] || (m->count[p] == m->count[least] && m->last[p] < m->last[least]))
                least = p;
        }
        slow_drop(&m->a, least);
    }
    if (!hit) {
        slow_add(&m->a, page);
        m->count[page] = 0;
    }
    m->count[page]++;
    m->last[page] = m->now;
    if (m->setting && (m->now + 1) % m->setting == 0)
        for (size_t i = 0; i < SLOW_PAGES; i++)
            m->count[i] /= 2;
    return hit;
}

static bool slow_ws(slow_machine *m, uint32_t page) {
    const bool hit = slow_lru(m, page);
    m->last[page] = m->now;
    for (uint32_t p = 0; p < SLOW_PAGES; p++)
        if (m->now - m->last[p] >= m->setting)
            slow_drop(&m->a, p);
    return hit;
}

static size_t slow_next(const slow_machine *m, uint32_t page) {
    size_t i = m->now + 1;
    while (i < m->n && m->refs[i] >> 1 != page)
        i++;
    return i;
}

static bool slow_opt(slow_machine *m, uint32_t page) {
    const bool hit = slow_has(&m->a, page);
    if (!hit && m->a.count == m->frames) {
        uint32_t farthest = m->a.page[0];
        for (size_t i = 1; i < m->a.count; i++)
            if (slow_next(m, m->a.page[i]) > slow_next(m, farthest))
                farthest = m->a.page[i];
        slow_drop(&m->a, farthest);
    }
    if (!hit)
        slow_add(&m->a, page);
    return hit;
}

typedef struct slow_pager {
    const char *spec;
    bool (*refer)(slow_machine *machine, uint32_t page);
    uint64_t setting;
} slow_pager;

static const slow_pager slow_pagers[] = {
    {"fifo", slow_fifo, 0},       {"lru", slow_lru, 0},
    {"clock", slow_clock, 0},     {"2q", slow_2q, 0},
    {"arc", slow_arc, 0},         {"lfu", slow_lfu, 0},
    {"lfu:age=50", slow_lfu, 50}, {"ws:window=1", slow_ws, 1},
    {"ws:window=9", slow_ws, 9},  {"ws:window=60", slow_ws, 60},
    {"opt", slow_opt, 0},
};

#endif
