/* SPDX-License-Identifier: MIT
 *
 * store_rounds.c - how many rounds a campaign was given, and why.
 */
#include "database.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

int hy_store_set_rounds(hy_store *store, int64_t campaign, const hy_rounds_chosen *rounds, hy_error *error) {
    static const char doing[] = "cannot store the number of rounds";
    sqlite3_stmt *const s = hy_store_prepare(
        store, "INSERT OR REPLACE INTO rounds (campaign, pilot, chosen, reason) VALUES (?1, ?2, ?3, ?4)", doing, error);
    if (!s)
        return -EIO;
    sqlite3_bind_int64(s, 1, campaign);
    sqlite3_bind_int64(s, 2, rounds->pilot);
    sqlite3_bind_int64(s, 3, rounds->chosen);
    sqlite3_bind_text(s, 4, rounds->reason, -1, SQLITE_STATIC);
    const int r = hy_store_step(store, s, doing, error);
    sqlite3_finalize(s);
    return r;
}

static int read_rounds(void *context, int columns, const char *const *text) {
    hy_rounds_chosen *const rounds = context;
    (void)columns;
    rounds->pilot = (unsigned)strtoul(text[0], NULL, 10);
    rounds->chosen = (unsigned)strtoul(text[1], NULL, 10);
    snprintf(rounds->reason, sizeof rounds->reason, "%s", text[2]);
    return 0;
}

int hy_store_rounds(hy_store *store, int64_t campaign, hy_rounds_chosen *ret_rounds, hy_error *error) {
    char id[24];
    snprintf(id, sizeof id, "%" PRId64, campaign);
    const char *const arguments[] = {id, NULL};
    *ret_rounds = (hy_rounds_chosen){.pilot = 0};
    if (!hy_store_has_table(store, "rounds"))
        return 0;
    return hy_store_query(store, "SELECT pilot, chosen, reason FROM rounds WHERE campaign = ?1", arguments, read_rounds,
                          ret_rounds, error);
}
