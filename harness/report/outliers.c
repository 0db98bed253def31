/* SPDX-License-Identifier: MIT
 *
 * outliers.c - what the slowest operation of an allocator was, in words.
 *
 *   1. In each run: of which kind it was, and whether it held a merge pass or a growth of the heap.  That is known
 * where the run's longest operation of a kind is as long as its longest operation of all.
 *   2. If null or bump-wrap, which do nothing that could take long, had one as slow in this study, the machine may have
 *      done it: it put the process aside, or served somebody else.
 *   3. Else, if the process was put aside in such a run, that may be it; a page fault may, if there were any.
 *
 * Bad at: which operation the kernel interrupted.  It counts, and does not say when.
 */
#include "report.h"

#include <math.h>
#include <string.h>

enum { OUTLIER_KINDS = 5 };
static const char *const kinds[OUTLIER_KINDS] = {"malloc", "calloc", "aligned", "realloc", "free"};

typedef struct outliers {
    size_t runs;
    double most;              /* ns, of all runs */
    size_t of[OUTLIER_KINDS]; /* runs whose slowest was of this kind */
    size_t merges, grows, neither;
} outliers;

/* Whether in that run the longest of these is the longest of all.  A figure that some run lacks says nothing. */
static bool outliers_was(const hy_entry *entry, const hy_sample *all, const char *name, size_t run) {
    const hy_sample *const sample = hy_entry_sample(entry, name);
    return sample && sample->count == all->count && sample->values[run] >= all->values[run];
}

static outliers outliers_count(const hy_entry *entry) {
    const hy_sample *const all = hy_entry_sample(entry, "all_max");
    outliers found = {.runs = all ? all->count : 0};
    for (size_t run = 0; run < found.runs; run++) {
        found.most = fmax(found.most, all->values[run]);
        for (int k = 0; k < OUTLIER_KINDS; k++) {
            char name[16];
            snprintf(name, sizeof name, "%s_max", kinds[k]);
            found.of[k] += outliers_was(entry, all, name, run);
        }
        found.merges += outliers_was(entry, all, "merge_max", run);
        found.grows += outliers_was(entry, all, "grow_max", run);
        found.neither += outliers_was(entry, all, "plain_max", run);
    }
    return found;
}

static void outliers_say_kinds(const outliers *found, hy_words *words) {
    for (int k = 0; k < OUTLIER_KINDS; k++) {
        if (found->of[k] == 0)
            continue;
        hy_say(words, "%s%s", words->text[0] ? ", " : "", kinds[k]);
        if (found->of[k] < found->runs)
            hy_say(words, " (%zu of %zu runs)", found->of[k], found->runs);
    }
}

static void outliers_say_cause(const outliers *found, hy_words *words) {
    if (found->merges + found->grows + found->neither == 0)
        return; /* nobody looked */
    if (found->merges > 0)
        hy_say(words, "; with a merge pass in %zu of %zu", found->merges, found->runs);
    if (found->grows > 0)
        hy_say(words, "; growing the heap in %zu of %zu", found->grows, found->runs);
    if (found->neither == found->runs)
        hy_say(words, "; with neither a merge pass nor a growth");
}

/* null or bump-wrap, if its slowest is as slow; they do nothing that could be. */
static const hy_entry *outliers_idle(const hy_study *study, const outliers *found) {
    for (size_t i = 0; i < study->count; i++)
        if (study->entries[i].fake && outliers_count(&study->entries[i]).most >= found->most)
            return &study->entries[i];
    return NULL;
}

static void outliers_say_machine(const hy_study *study, const hy_entry *entry, const outliers *found, hy_words *words) {
    const double aside = hy_entry_metric(entry, "preemptions"), faults = hy_entry_metric(entry, "page_faults");
    const hy_entry *const idle = outliers_idle(study, found);
    const char *const perhaps = found->merges + found->grows > 0 ? "or" : "perhaps";
    if (entry->fake)
        hy_say(words, "; the machine, since this does nothing that could take long");
    else if (idle)
        hy_say(words, "; %s the machine: %s had one as slow", perhaps, idle->spec);
    else if (aside > 0)
        hy_say(words, "; %s the process was put aside just then (%.0f times a run)", perhaps, aside);
    else if (faults > 0)
        hy_say(words, "; %s a page fault (%.0f in a run)", perhaps, faults);
}

hy_words hy_outlier_words(const hy_study *study, const hy_entry *entry) {
    const outliers found = outliers_count(entry);
    hy_words words = {""};
    if (found.runs == 0) {
        hy_say(&words, "%s", hy_entry_missing(entry, HY_REPORT_LATENCY));
        return words;
    }
    outliers_say_kinds(&found, &words);
    if (words.text[0] == '\0')
        hy_say(&words, "of a kind that is not known");
    outliers_say_cause(&found, &words);
    outliers_say_machine(study, entry, &found, &words);
    return words;
}
