/* SPDX-License-Identifier: MIT
 *
 * store_bound.c - the two limits of a trace, of which what is better than before is kept, each for itself; and the
 * least yards of allocators on it.
 */
#include "database.h"

#include <errno.h>

static const char doing[] = "cannot store the limits";

int hy_store_bound(hy_store *store, const hy_bound_row *bound, hy_error *error) {
    sqlite3_stmt *const s = hy_store_prepare(
        store,
        "INSERT INTO bound (trace, align, buffers, asked, lower, proven, upper, method, seconds) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) "
        "ON CONFLICT (trace, align) DO UPDATE SET proven = max(proven, excluded.proven), "
        "method = iif(excluded.upper < upper, excluded.method, method), "
        "seconds = iif(excluded.upper < upper, excluded.seconds, seconds), upper = min(upper, excluded.upper)",
        doing, error);
    if (!s)
        return -EIO;
    sqlite3_bind_int64(s, 1, bound->trace);
    sqlite3_bind_int64(s, 2, (int64_t)bound->align);
    sqlite3_bind_int64(s, 3, (int64_t)bound->buffers);
    sqlite3_bind_int64(s, 4, (int64_t)bound->asked);
    sqlite3_bind_int64(s, 5, (int64_t)bound->lower);
    sqlite3_bind_int64(s, 6, (int64_t)bound->proven);
    sqlite3_bind_int64(s, 7, (int64_t)bound->upper);
    sqlite3_bind_text(s, 8, bound->method, -1, SQLITE_STATIC);
    sqlite3_bind_double(s, 9, bound->seconds);
    const int r = hy_store_step(store, s, doing, error);
    sqlite3_finalize(s);
    return r;
}

int hy_store_least_yard(hy_store *store, const hy_least_yard_row *row, hy_error *error) {
    static const char storing[] = "cannot store the least yard";
    sqlite3_stmt *const s = hy_store_prepare(
        store,
        "INSERT OR REPLACE INTO least_yard (trace, spec, version, outcome, detail, yard, too_small, tries) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        storing, error);
    if (!s)
        return -EIO;
    const char *const texts[] = {row->spec, row->version, row->outcome, row->detail};
    sqlite3_bind_int64(s, 1, row->trace);
    for (int i = 0; i < 4; i++)
        sqlite3_bind_text(s, i + 2, texts[i], -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 6, (int64_t)row->yard);
    sqlite3_bind_int64(s, 7, (int64_t)row->too_small);
    sqlite3_bind_text(s, 8, row->tries, -1, SQLITE_STATIC);
    const int r = hy_store_step(store, s, storing, error);
    sqlite3_finalize(s);
    return r;
}
