/* SPDX-License-Identifier: MIT
 *
 * counters.c - see counters.h.
 *
 *   search_length  search steps / searches        how long a request looks for its hole
 *   regret         merges wasted / merges         how often a merge was undone before it served anybody
 */
#include "counters.h"

#include <string.h>

hy_stats hy_counters_read(hy_heap *heap) {
    hy_stats stats;
    memset(&stats, 0xff, sizeof stats); /* every counter HY_UNKNOWN */
    if (heap->ops->stats)
        heap->ops->stats(heap, &stats);
    return stats;
}

static void say_count(FILE *out, const char *name, uint64_t count) {
    if (count != HY_UNKNOWN)
        fprintf(out, "metric %s %llu count\n", name, (unsigned long long)count);
}

static void say_share(FILE *out, const char *name, uint64_t part, uint64_t whole) {
    if (part != HY_UNKNOWN && whole != HY_UNKNOWN && whole > 0)
        fprintf(out, "metric %s %.9g ratio\n", name, (double)part / (double)whole);
}

void hy_counters_say(FILE *out, hy_heap *heap) {
    const hy_stats s = hy_counters_read(heap);
    const struct {
        const char *name;
        uint64_t count;
    } kept[] = {{"searches", s.searches},     {"failed_searches", s.failed_searches}, {"splits", s.splits},
                {"merges", s.merges},         {"merges_wasted", s.merges_wasted},     {"merge_passes", s.merge_passes},
                {"pass_steps", s.pass_steps}, {"longest_pass", s.longest_pass},       {"grows", s.grows}};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        say_count(out, kept[i].name, kept[i].count);
    say_share(out, "search_length", s.search_steps, s.searches);
    say_share(out, "regret", s.merges_wasted, s.merges);
}
