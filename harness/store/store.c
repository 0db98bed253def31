/* SPDX-License-Identifier: MIT
 *
 * store.c - the results database over SQLite: opening, campaigns, traces, queries (cells are in store_cell.c).
 *
 *   1. The schema is results/schema.sql, embedded; PRAGMA user_version says which one a file has.
 *   2. A new or empty file gets the schema; an older one of ours gets the tables that came later, when it is opened for
 *      writing.  A file of another version, of another program, or that is no database at all is refused and left as
 *      it is.
 *   3. Every write is one transaction, so that an interrupt leaves whole cells only.
 */
#include "database.h"

#include "schema_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SCHEMA_VERSION 1
#define BUSY_MILLISECONDS 10000

/* -------------------------------------------------------------------------------------------------- statements ---- */

int hy_store_fail(hy_store *store, const char *doing, hy_error *error) {
    const int code = sqlite3_errcode(store->db) & 0xff;
    if (code == SQLITE_NOTADB)
        return hy_fail(error, -EINVAL, "%s: not a results database (it is not an SQLite file)", store->path);
    return hy_fail(error, code == SQLITE_NOMEM ? -ENOMEM : -EIO, "%s: %s: %s", store->path, doing,
                   sqlite3_errmsg(store->db));
}

int hy_store_run(hy_store *store, const char *sql, const char *doing, hy_error *error) {
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : hy_store_fail(store, doing, error);
}

sqlite3_stmt *hy_store_prepare(hy_store *store, const char *sql, const char *doing, hy_error *error) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) == SQLITE_OK)
        return statement;
    hy_store_fail(store, doing, error);
    return NULL;
}

int hy_store_step(hy_store *store, sqlite3_stmt *statement, const char *doing, hy_error *error) {
    const int r = sqlite3_step(statement);
    const int failed = r == SQLITE_DONE || r == SQLITE_ROW ? 0 : hy_store_fail(store, doing, error);
    sqlite3_reset(statement);
    return failed;
}

int hy_store_answer(hy_store *store, sqlite3_stmt *statement, const char *doing, int64_t *ret_number, hy_error *error) {
    int r = 0;
    if (sqlite3_step(statement) == SQLITE_ROW)
        *ret_number = sqlite3_column_int64(statement, 0);
    else
        r = hy_store_fail(store, doing, error);
    sqlite3_finalize(statement);
    return r;
}

/* ----------------------------------------------------------------------------------------------------- opening ---- */

/* Makes the folders that `path` lies in, like mkdir -p. */
static int store_make_folder(const char *path, hy_error *error) {
    char *const folder = strdup(path);
    if (!folder)
        return hy_fail(error, -ENOMEM, "%s: no memory", path);
    int r = 0;
    for (char *slash = strchr(folder + 1, '/'); slash && r == 0; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0777) < 0 && errno != EEXIST)
            r = hy_fail(error, -errno, "%s: cannot make the folder %s: %s", path, folder, strerror(errno));
        *slash = '/';
    }
    free(folder);
    return r;
}

static int store_number(hy_store *store, const char *sql, int64_t *ret_number, hy_error *error) {
    sqlite3_stmt *const statement = hy_store_prepare(store, sql, "cannot be read", error);
    if (!statement)
        return -EINVAL;
    int r = 0;
    if (sqlite3_step(statement) == SQLITE_ROW)
        *ret_number = sqlite3_column_int64(statement, 0);
    else
        r = hy_store_fail(store, "cannot be read", error);
    sqlite3_finalize(statement);
    return r;
}

static int store_create(hy_store *store, hy_error *error) {
    char version[64];
    snprintf(version, sizeof version, "PRAGMA user_version = %d;", SCHEMA_VERSION);
    int r = hy_store_run(store, "BEGIN IMMEDIATE", "cannot be written", error);
    if (r == 0)
        r = hy_store_run(store, schema_text, "cannot make the tables", error);
    if (r == 0)
        r = hy_store_run(store, version, "cannot set the version", error);
    if (r == 0)
        r = hy_store_run(store, "COMMIT", "cannot be written", error);
    return r;
}

/* Ours, empty (made ours if `write`), or refused. */
static int store_check(hy_store *store, bool write, hy_error *error) {
    int64_t version = 0, tables = 0, ours = 0;
    int r = store_number(store, "PRAGMA user_version", &version, error);
    if (r == 0)
        r = store_number(store, "SELECT count(*) FROM sqlite_master", &tables, error);
    if (r == 0)
        r = store_number(store, "SELECT count(*) FROM sqlite_master WHERE name IN ('campaign', 'cell')", &ours, error);
    if (r < 0)
        return r;
    if (tables != 0 && (ours != 2 || version == 0))
        return hy_fail(error, -EINVAL, "%s: a database of something else, not of heapyard", store->path);
    if (tables != 0 && version != SCHEMA_VERSION)
        return hy_fail(error, -EINVAL, "%s: results of schema version %" PRId64 "; this heapyard reads version %d",
                       store->path, version, SCHEMA_VERSION);
    if (tables == 0 && !write)
        return hy_fail(error, -EINVAL, "%s: empty, no results in it yet", store->path);
    return write ? store_create(store, error) : 0; /* what came after the file was made is added */
}

static int store_open_file(hy_store *store, bool write, hy_error *error) {
    struct stat status;
    const bool exists = stat(store->path, &status) == 0;
    if (exists && S_ISDIR(status.st_mode))
        return hy_fail(error, -EISDIR, "%s: a folder; expected a results database", store->path);
    if (!exists && !write)
        return hy_fail(error, -ENOENT, "%s: no such results database", store->path);
    const int flags = write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    if (sqlite3_open_v2(store->path, &store->db, flags, NULL) != SQLITE_OK)
        return store->db ? hy_store_fail(store, "cannot be opened", error)
                         : hy_fail(error, -ENOMEM, "%s: no memory", store->path);
    sqlite3_busy_timeout(store->db, BUSY_MILLISECONDS);
    if (write && sqlite3_db_readonly(store->db, "main") == 1)
        return hy_fail(error, -EACCES, "%s: cannot be written", store->path);
    return store_check(store, write, error);
}

int hy_store_open(const char *path, bool write, hy_store **ret_store, hy_error *error) {
    int r = write ? store_make_folder(path, error) : 0;
    if (r < 0)
        return r;
    hy_store *const store = calloc(1, sizeof *store);
    if (!store || !(store->path = strdup(path))) {
        free(store);
        return hy_fail(error, -ENOMEM, "%s: no memory", path);
    }
    r = store_open_file(store, write, error);
    if (r < 0)
        hy_store_close(store);
    else
        *ret_store = store;
    return r;
}

void hy_store_close(hy_store *store) {
    if (!store)
        return;
    sqlite3_close(store->db);
    free(store->path);
    free(store);
}

const char *hy_store_path(const hy_store *store) {
    return store->path;
}

/* --------------------------------------------------------------------------------------- campaigns and traces ---- */

int hy_store_campaign(hy_store *store, const char *command, uint64_t seed, const char *environment_json,
                      int64_t *ret_campaign, hy_error *error) {
    static const char doing[] = "cannot store the campaign";
    sqlite3_stmt *const s = hy_store_prepare(store,
                                             "INSERT INTO campaign (started, command, seed, environment) "
                                             "VALUES (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), ?1, ?2, ?3)",
                                             doing, error);
    if (!s)
        return -EIO;
    sqlite3_bind_text(s, 1, command, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, (int64_t)seed);
    sqlite3_bind_text(s, 3, environment_json, -1, SQLITE_STATIC);
    const int r = hy_store_step(store, s, doing, error);
    sqlite3_finalize(s);
    if (r == 0)
        *ret_campaign = sqlite3_last_insert_rowid(store->db);
    return r;
}

int hy_store_trace(hy_store *store, const char *name, const char *path, uint64_t hash, const char *summary_json,
                   int64_t *ret_trace, hy_error *error) {
    static const char doing[] = "cannot store the trace";
    char hex[17];
    snprintf(hex, sizeof hex, "%016" PRIx64, hash);
    sqlite3_stmt *const s = hy_store_prepare(store,
                                             "INSERT INTO trace (name, path, hash, summary) VALUES (?1, ?2, ?3, ?4) "
                                             "ON CONFLICT (hash) DO UPDATE SET path = ?2, summary = ?4 RETURNING id",
                                             doing, error);
    if (!s)
        return -EIO;
    sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, path, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 3, hex, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 4, summary_json, -1, SQLITE_STATIC);
    return hy_store_answer(store, s, doing, ret_trace, error);
}

/* ----------------------------------------------------------------------------------------------------- reading ---- */

bool hy_store_has_table(hy_store *store, const char *table) {
    sqlite3_stmt *const s = hy_store_prepare(store, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1",
                                             "cannot be read", NULL);
    if (!s)
        return false;
    sqlite3_bind_text(s, 1, table, -1, SQLITE_STATIC);
    const bool there = sqlite3_step(s) == SQLITE_ROW;
    sqlite3_finalize(s);
    return there;
}

int hy_store_query(hy_store *store, const char *sql, const char *const *arguments, hy_row *row, void *context,
                   hy_error *error) {
    sqlite3_stmt *const s = hy_store_prepare(store, sql, "cannot be read", error);
    if (!s)
        return -EIO;
    for (int i = 0; arguments && arguments[i]; i++)
        sqlite3_bind_text(s, i + 1, arguments[i], -1, SQLITE_STATIC);
    const int columns = sqlite3_column_count(s);
    const char **const text = calloc((size_t)columns + 1, sizeof *text);
    int r = text ? SQLITE_ROW : SQLITE_NOMEM, wanted = 0;
    while (r == SQLITE_ROW && wanted == 0 && (r = sqlite3_step(s)) == SQLITE_ROW) {
        for (int i = 0; i < columns; i++)
            text[i] = (const char *)sqlite3_column_text(s, i);
        wanted = row(context, columns, text);
    }
    free(text);
    const int failed = r == SQLITE_ROW || r == SQLITE_DONE ? 0 : hy_store_fail(store, "cannot be read", error);
    sqlite3_finalize(s);
    return failed;
}

/* ----------------------------------------------------------------------------------------------- what was found ----
 */

typedef struct found_campaign {
    int64_t *id;
    uint64_t *seed;
} found_campaign;

static int read_campaign(void *context, int columns, const char *const *text) {
    const found_campaign *const found = context;
    if (columns == 2 && text[0] && text[1]) {
        *found->id = strtoll(text[0], NULL, 10);
        *found->seed = (uint64_t)strtoll(text[1], NULL, 10);
    }
    return 0;
}

int hy_store_find_campaign(hy_store *store, const char *sql, const char *const *arguments, int64_t *ret_campaign,
                           uint64_t *ret_seed, hy_error *error) {
    found_campaign found = {ret_campaign, ret_seed};
    return hy_store_query(store, sql, arguments, read_campaign, &found, error);
}
