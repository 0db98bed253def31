/* SPDX-License-Identifier: MIT
 *
 * store_cell.c - one measured cell with its figures, curves and histograms, in one transaction.
 */
#include "database.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char doing[] = "cannot store the cell";

/* As child.c says it.  Such a cell has no figures. */
#define IS_KILLED "(outcome = 'crash' AND detail LIKE 'SIGKILL%')"

/* By which a cell is known: bind_name. */
#define THIS_CELL "campaign = ?1 AND trace = ?2 AND spec = ?3 AND pass = ?4 AND repetition = ?5"

static void bind_name(sqlite3_stmt *s, int64_t campaign, int64_t trace, const char *spec, const char *pass,
                      unsigned repetition) {
    sqlite3_bind_int64(s, 1, campaign);
    sqlite3_bind_int64(s, 2, trace);
    sqlite3_bind_text(s, 3, spec, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 4, pass, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 5, repetition);
}

static int cell_forget_killed(hy_store *store, const hy_cell_result *cell, hy_error *error) {
    sqlite3_stmt *const s =
        hy_store_prepare(store, "DELETE FROM cell WHERE " THIS_CELL " AND " IS_KILLED, doing, error);
    if (!s)
        return -EIO;
    bind_name(s, cell->campaign, cell->trace, cell->spec, cell->pass, cell->repetition);
    const int r = hy_store_step(store, s, doing, error);
    sqlite3_finalize(s);
    return r;
}

static int cell_insert(hy_store *store, const hy_cell_result *cell, int64_t *ret_id, hy_error *error) {
    sqlite3_stmt *const s = hy_store_prepare(
        store,
        "INSERT INTO cell (campaign, trace, spec, pass, repetition, position, version, outcome, detail) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        doing, error);
    if (!s)
        return -EIO;
    bind_name(s, cell->campaign, cell->trace, cell->spec, cell->pass, cell->repetition);
    sqlite3_bind_int64(s, 6, cell->position);
    sqlite3_bind_text(s, 7, cell->version, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 8, cell->outcome, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 9, cell->detail, -1, SQLITE_STATIC);
    const int r = hy_store_step(store, s, doing, error);
    sqlite3_finalize(s);
    *ret_id = sqlite3_last_insert_rowid(store->db);
    return r;
}

/* ---- what belongs to a cell: many rows of a kind ---- */

typedef void bind_row(sqlite3_stmt *s, const hy_cell_result *cell, size_t i);

static void bind_metric(sqlite3_stmt *s, const hy_cell_result *cell, size_t i) {
    const hy_metric *const m = &cell->metrics[i];
    sqlite3_bind_text(s, 2, m->name, -1, SQLITE_STATIC);
    sqlite3_bind_double(s, 3, m->value);
    sqlite3_bind_text(s, 4, m->unit, -1, SQLITE_STATIC);
}

static void bind_point(sqlite3_stmt *s, const hy_cell_result *cell, size_t i) {
    const hy_point *const p = &cell->points[i];
    sqlite3_bind_text(s, 2, p->series, -1, SQLITE_STATIC);
    sqlite3_bind_double(s, 3, p->x);
    sqlite3_bind_double(s, 4, p->y);
}

static void bind_bucket(sqlite3_stmt *s, const hy_cell_result *cell, size_t i) {
    const hy_bucket *const b = &cell->buckets[i];
    sqlite3_bind_text(s, 2, b->kind, -1, SQLITE_STATIC);
    sqlite3_bind_double(s, 3, b->low);
    sqlite3_bind_double(s, 4, b->high);
    sqlite3_bind_int64(s, 5, (int64_t)b->count);
}

/* NULL where it is unknown. */
static void bind_known(sqlite3_stmt *s, int at, double value) {
    isnan(value) ? sqlite3_bind_null(s, at) : sqlite3_bind_double(s, at, value);
}

static void bind_phase(sqlite3_stmt *s, const hy_cell_result *cell, size_t i) {
    const hy_phase_result *const p = &cell->phases[i];
    sqlite3_bind_int(s, 2, (int)p->number);
    sqlite3_bind_text(s, 3, p->name, -1, SQLITE_STATIC);
    const double figures[] = {p->times, p->operations, p->seconds, p->peak_live, p->peak_resident, p->peak_committed};
    for (int k = 0; k < 6; k++)
        bind_known(s, 4 + k, figures[k]);
}

/* `count` rows; ?1 is the cell. */
static int cell_rows(hy_store *store, const char *sql, int64_t id, const hy_cell_result *cell, size_t count,
                     bind_row *bind, hy_error *error) {
    sqlite3_stmt *const s = hy_store_prepare(store, sql, doing, error);
    int r = s ? 0 : -EIO;
    for (size_t i = 0; r == 0 && i < count; i++) {
        sqlite3_bind_int64(s, 1, id);
        bind(s, cell, i);
        r = hy_store_step(store, s, doing, error);
    }
    sqlite3_finalize(s);
    return r;
}

static int cell_parts(hy_store *store, int64_t id, const hy_cell_result *cell, hy_error *error) {
    int r = cell_rows(store, "INSERT INTO metric (cell, name, value, unit) VALUES (?1, ?2, ?3, ?4)", id, cell,
                      cell->metric_count, bind_metric, error);
    if (r == 0)
        r = cell_rows(store, "INSERT INTO point (cell, series, x, y) VALUES (?1, ?2, ?3, ?4)", id, cell,
                      cell->point_count, bind_point, error);
    if (r == 0)
        r = cell_rows(store, "INSERT INTO bucket (cell, kind, low, high, count) VALUES (?1, ?2, ?3, ?4, ?5)", id, cell,
                      cell->bucket_count, bind_bucket, error);
    if (r == 0 && cell->phase_count > 0)
        r = cell_rows(store,
                      "INSERT INTO phase (cell, number, name, times, ops, seconds, peak_live, peak_resident, "
                      "peak_committed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                      id, cell, cell->phase_count, bind_phase, error);
    return r == 0 ? hy_store_heapmap(store, id, cell, error) : r;
}

int hy_store_cell(hy_store *store, const hy_cell_result *cell, hy_error *error) {
    int64_t id = 0;
    int r = hy_store_run(store, "BEGIN IMMEDIATE", doing, error);
    if (r < 0)
        return r;
    r = cell_forget_killed(store, cell, error);
    if (r == 0)
        r = cell_insert(store, cell, &id, error);
    if (r == 0)
        r = cell_parts(store, id, cell, error);
    if (r == 0)
        return hy_store_run(store, "COMMIT", doing, error);
    hy_store_run(store, "ROLLBACK", doing, NULL);
    return r;
}

hy_cell_state hy_store_cell_state(hy_store *store, int64_t campaign, int64_t trace, const char *spec, const char *pass,
                                  unsigned repetition) {
    sqlite3_stmt *const s =
        hy_store_prepare(store, "SELECT " IS_KILLED " FROM cell WHERE " THIS_CELL, "cannot be read", NULL);
    hy_cell_state state = HY_CELL_MISSING;
    if (!s)
        return state;
    bind_name(s, campaign, trace, spec, pass, repetition);
    if (sqlite3_step(s) == SQLITE_ROW)
        state = sqlite3_column_int(s, 0) ? HY_CELL_KILLED : HY_CELL_STORED;
    sqlite3_finalize(s);
    return state;
}
