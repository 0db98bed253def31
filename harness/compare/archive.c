/* SPDX-License-Identifier: MIT
 *
 * archive.c - see archive.h.
 */
#include "archive.h"

#include <stdlib.h>
#include <string.h>

/* A trace, and the newest campaign that measured it. */
typedef struct newest {
    int64_t trace, campaign;
} newest;

typedef struct newest_list {
    newest *item;
    size_t count;
} newest_list;

static const char newest_sql[] = "SELECT trace, max(campaign) FROM cell WHERE pass IN ('throughput', 'footprint') "
                                 "GROUP BY trace ORDER BY max(campaign), trace";

static int read_newest(void *context, int columns, const char *const *text) {
    newest_list *const list = context;
    newest *const grown = realloc(list->item, (list->count + 1) * sizeof *grown);
    (void)columns;
    if (!grown)
        abort();
    list->item = grown;
    list->item[list->count++] = (newest){strtoll(text[0], NULL, 10), strtoll(text[1], NULL, 10)};
    return 0;
}

/* Campaigns come in order, so that each is read once. */
static int read_campaigns(hy_store *store, const newest_list *list, hy_archive *archive, hy_error *error) {
    archive->campaigns = calloc(list->count + 1, sizeof *archive->campaigns);
    archive->trial = calloc(list->count + 1, sizeof *archive->trial);
    if (!archive->campaigns || !archive->trial)
        abort();
    for (size_t i = 0; i < list->count; i++) {
        if (i == 0 || list->item[i].campaign != list->item[i - 1].campaign) {
            const int r =
                hy_trials_read(store, list->item[i].campaign, &archive->campaigns[archive->campaign_count], error);
            if (r < 0)
                return r;
            archive->campaign_count++;
        }
        const hy_trial *const trial =
            hy_trial_of(&archive->campaigns[archive->campaign_count - 1], list->item[i].trace);
        if (trial)
            archive->trial[archive->count++] = trial;
    }
    return 0;
}

int hy_archive_read(const char *path, hy_archive *ret_archive, hy_error *error) {
    hy_archive archive = {.path = path};
    newest_list list = {.item = NULL};
    hy_store *store = NULL;
    int r = hy_store_open(path, false, &store, error);
    if (r == 0)
        r = hy_store_query(store, newest_sql, NULL, read_newest, &list, error);
    if (r == 0)
        r = read_campaigns(store, &list, &archive, error);
    hy_store_close(store);
    free(list.item);
    if (r == 0)
        *ret_archive = archive;
    else
        hy_archive_free(&archive);
    return r;
}

void hy_archive_free(hy_archive *archive) {
    for (size_t i = 0; i < archive->campaign_count; i++)
        hy_trials_free(&archive->campaigns[i]);
    free(archive->campaigns);
    free(archive->trial);
    *archive = (hy_archive){.path = NULL};
}

const hy_trial *hy_archive_trial(const hy_archive *archive, const char *hash) {
    for (size_t i = 0; i < archive->count; i++)
        if (strcmp(archive->trial[i]->hash, hash) == 0)
            return archive->trial[i];
    return NULL;
}
