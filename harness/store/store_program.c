/* SPDX-License-Identifier: MIT
 *
 * store_program.c - real programs and their runs, each of which is stored by one statement.
 *
 * A run that was killed from outside (SIGKILL) stays until it is run again.
 */
#include "database.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

static const char doing[] = "cannot store the program";

#define THIS_RUN "campaign = ?1 AND program = ?2 AND spec = ?3 AND pass = ?4 AND repetition = ?5"
#define IS_KILLED "(outcome = 'crash' AND status = 137)"

static sqlite3_stmt *program_insert(hy_store *store, const hy_program_row *row, hy_error *error) {
    sqlite3_stmt *const s = hy_store_prepare(store,
                                             "INSERT INTO program (name, command, input, trace, hash) "
                                             "VALUES (?1, ?2, ?3, ?4, ?5) "
                                             "ON CONFLICT (hash) DO UPDATE SET input = ?3 RETURNING id",
                                             doing, error);
    if (!s)
        return NULL;
    char hash[17];
    snprintf(hash, sizeof hash, "%016" PRIx64, row->hash);
    sqlite3_bind_text(s, 1, row->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, row->command, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 3, row->input, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 4, row->trace, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 5, hash, -1, SQLITE_TRANSIENT);
    return s;
}

int hy_store_program(hy_store *store, const hy_program_row *row, int64_t *ret_program, hy_error *error) {
    sqlite3_stmt *const s = program_insert(store, row, error);
    if (!s)
        return -EIO;
    return hy_store_answer(store, s, doing, ret_program, error);
}

static void bind_name(sqlite3_stmt *s, const hy_program_run *run) {
    sqlite3_bind_int64(s, 1, run->campaign);
    sqlite3_bind_int64(s, 2, run->program);
    sqlite3_bind_text(s, 3, run->spec, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 4, run->pass, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 5, run->repetition);
}

static void bind_run(sqlite3_stmt *s, const hy_program_run *run) {
    bind_name(s, run);
    sqlite3_bind_int64(s, 6, run->position);
    sqlite3_bind_text(s, 7, run->library, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 8, run->outcome, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 9, run->status);
    sqlite3_bind_text(s, 10, run->output, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 11, run->detail, -1, SQLITE_STATIC);
    sqlite3_bind_double(s, 12, run->wall);
    sqlite3_bind_double(s, 13, run->user);
    sqlite3_bind_double(s, 14, run->sys);
    sqlite3_bind_int64(s, 15, (int64_t)run->peak);
    sqlite3_bind_int64(s, 16, (int64_t)run->minor);
    sqlite3_bind_int64(s, 17, (int64_t)run->major);
}

/* Runs one statement about a run. */
static int run_step(hy_store *store, const char *sql, void (*bind)(sqlite3_stmt *, const hy_program_run *),
                    const hy_program_run *run, hy_error *error) {
    sqlite3_stmt *const s = hy_store_prepare(store, sql, doing, error);
    if (!s)
        return -EIO;
    bind(s, run);
    const int r = hy_store_step(store, s, doing, error);
    sqlite3_finalize(s);
    return r;
}

int hy_store_program_run(hy_store *store, const hy_program_run *run, hy_error *error) {
    const int r = run_step(store, "DELETE FROM program_run WHERE " THIS_RUN " AND " IS_KILLED, bind_name, run, error);
    if (r < 0)
        return r;
    return run_step(store,
                    "INSERT INTO program_run (campaign, program, spec, pass, repetition, position, library, outcome, "
                    "status, output, detail, wall, user, sys, peak, minor, major) "
                    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
                    bind_run, run, error);
}

bool hy_store_has_program_run(hy_store *store, const hy_program_run *run) {
    sqlite3_stmt *const s = hy_store_prepare(store, "SELECT 1 FROM program_run WHERE " THIS_RUN " AND NOT " IS_KILLED,
                                             "cannot be read", NULL);
    if (!s)
        return false;
    bind_name(s, run);
    const bool there = sqlite3_step(s) == SQLITE_ROW;
    sqlite3_finalize(s);
    return there;
}

int hy_store_skipped(hy_store *store, int64_t campaign, const char *name, const char *reason, hy_error *error) {
    sqlite3_stmt *const s =
        hy_store_prepare(store,
                         reason ? "INSERT OR REPLACE INTO program_skipped (campaign, name, reason) VALUES (?1, ?2, ?3)"
                                : "DELETE FROM program_skipped WHERE campaign = ?1 AND name = ?2",
                         doing, error);
    if (!s)
        return -EIO;
    sqlite3_bind_int64(s, 1, campaign);
    sqlite3_bind_text(s, 2, name, -1, SQLITE_STATIC);
    if (reason)
        sqlite3_bind_text(s, 3, reason, -1, SQLITE_STATIC);
    const int r = hy_store_step(store, s, doing, error);
    sqlite3_finalize(s);
    return r;
}
