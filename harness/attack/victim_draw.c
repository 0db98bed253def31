/* SPDX-License-Identifier: MIT
 *
 * victim_draw.c - the heap's ranges as a stage begins, one line for each:
 *
 *   before the step   [used 12] [used 12] [hole 67108840]
 *   after it          [used 12] [used 1] broken: a range is smaller than its header
 *
 * A line begins a little before the first range that is not as it was in the line above, and ends where a page does.
 * What is drawn is what the heap itself believes (walk), so a damaged heap may look whole, or end the process.
 */
#include "registry.h"
#include "victim.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { RANGES = 4096, WIDTH = 108, LABEL = 18, BEFORE = 3 };

typedef struct ranges {
    struct {
        uintptr_t start;
        size_t size;
        hy_kind kind;
    } range[RANGES];
    size_t count;
} ranges;

static ranges now, earlier;
static size_t drawn_from;

static int note(void *context, const hy_range *range) {
    ranges *const all = context;
    all->range[all->count].start = range->start;
    all->range[all->count].size = range->size;
    all->range[all->count].kind = range->kind;
    return ++all->count == RANGES;
}

/* The first range that differs. */
static size_t first_change(void) {
    size_t at = 0;
    while (at < now.count && at < earlier.count && now.range[at].start == earlier.range[at].start &&
           now.range[at].size == earlier.range[at].size && now.range[at].kind == earlier.range[at].kind)
        at++;
    return at;
}

static const char *label(const hy_victim *v, hy_stage stage) {
    if (stage == HY_AT_OPERATION)
        return "before the step";
    if (stage == HY_AT_EXIT)
        return "at the end";
    if (stage == HY_AT_FREE && v->page->visited[HY_LATER])
        return "before the frees";
    if (stage == HY_LATER && v->page->visited[HY_AT_FREE])
        return "after the frees";
    return "after it";
}

void victim_draw(hy_victim *v, hy_stage stage) {
    static const char *const kinds[] = {[HY_USED] = "used", [HY_FREE] = "hole", [HY_META] = "metadata"};
    char line[4 * WIDTH];
    hy_heap *const heap = v->heap;
    if (stage == HY_PREPARE || !heap->ops->walk)
        return;
    earlier = now;
    now.count = 0;
    heap->ops->walk(heap, note, &now);
    const size_t change = first_change();
    if (earlier.count && (change < now.count || change < earlier.count))
        drawn_from = change > BEFORE ? change - BEFORE : 0;
    size_t used = (size_t)snprintf(line, sizeof line, "%-*s%s", LABEL, label(v, stage), drawn_from ? "… " : "");
    size_t at = drawn_from;
    for (; at < now.count && used < WIDTH; at++)
        used += (size_t)snprintf(line + used, sizeof line - used, "%s[%s %zu]", at > drawn_from ? " " : "",
                                 kinds[now.range[at].kind], now.range[at].size);
    const char *const broken = heap->ops->check ? heap->ops->check(heap) : NULL;
    used += (size_t)snprintf(line + used, sizeof line - used, "%s%s%.120s\n", at < now.count ? " …" : "",
                             broken ? " broken: " : "", broken ? broken : "");
    const ssize_t ignored = write(STDOUT_FILENO, line, used < sizeof line ? used : sizeof line - 1);
    (void)ignored;
}
