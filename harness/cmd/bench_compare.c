/* SPDX-License-Identifier: MIT
 *
 * bench_compare.c - see bench_compare.h.
 */
#include "bench_compare.h"

#include "measure.h"
#include "micro_campaign.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void show_progress(size_t done, size_t total, const char *doing) {
    cmd_show_bar(done, total, 0, doing);
}

/* The place of a spec among the entries; their number: it is not there. */
static size_t find_entry(const hy_micro_results *results, const char *spec) {
    size_t i = 0;
    while (i < results->count && strcmp(results->entries[i].spec, spec) != 0)
        i++;
    return i;
}

/* `null`, each allocator once, and the control: of `system`, or else of the first. */
static int make_entries(const bench_compare *asked, const hy_specs *specs, hy_micro_entry *entries,
                        hy_micro_results *results) {
    results->entries = entries;
    entries[results->count++] = (hy_micro_entry){"null", HY_MICRO_NULL};
    for (size_t i = 0; i < specs->count; i++)
        if (find_entry(results, specs->text[i]) == results->count)
            entries[results->count++] = (hy_micro_entry){specs->text[i], HY_MICRO_RIVAL};
    if (results->count < 2)
        return cmd_fail("only null is to be measured; expected another allocator");
    results->controlled = find_entry(results, "system") < results->count ? find_entry(results, "system") : 1;
    results->reference = asked->reference ? find_entry(results, asked->reference) : results->controlled;
    if (results->reference == results->count || results->reference == 0)
        return cmd_fail("--against is \"%s\"; expected one of the allocators that are measured", asked->reference);
    entries[results->count++] = (hy_micro_entry){entries[results->controlled].spec, HY_MICRO_CONTROL};
    return 0;
}

static int measure(const bench_compare *asked, hy_micro_results *results, FILE *cells) {
    const hy_micro_plan plan = {.filter = asked->filter,
                                .milliseconds = (unsigned)(asked->time / 1000000),
                                .seed = asked->seed,
                                .cells = cells,
                                .stop = cmd_listen_for_stop(),
                                .show_progress = show_progress};
    hy_micro_end end;
    hy_error error;
    if (hy_micro_run(&plan, results, &end, &error) < 0 || hy_micro_judge(results, &HY_RULES_DEFAULT, &error) < 0)
        return cmd_fail("%s", error.text);
    bench_print(results, asked->format);
    if (end.stopped)
        return 128 + (int)*plan.stop;
    return end.failed > 0 ? HY_EXIT_MEASURED : HY_EXIT_OK;
}

int bench_compare_run(const bench_compare *asked, const hy_specs *specs) {
    hy_micro_results results = {.rounds = asked->rounds};
    hy_micro_entry *const entries = calloc(specs->count + 2, sizeof *entries);
    if (!entries)
        abort();
    int r = make_entries(asked, specs, entries, &results);
    FILE *const cells = r == 0 && asked->cells ? fopen(asked->cells, "w") : NULL;
    if (r == 0 && asked->cells && !cells)
        r = cmd_fail("%s: cannot be written: %s", asked->cells, strerror(errno));
    if (r == 0)
        r = measure(asked, &results, cells);
    if (cells && fclose(cells) != 0)
        r = cmd_fail("%s: cannot be written: %s", asked->cells, strerror(errno));
    hy_micro_free(&results);
    free(entries);
    return r;
}
