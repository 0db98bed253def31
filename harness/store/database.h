/* SPDX-License-Identifier: MIT
 *
 * database.h - what the files of the store share: one prepared statement, run to its end.
 */
#ifndef HY_DATABASE_H
#define HY_DATABASE_H

#include "store.h"

#include <sqlite3.h>

struct hy_store {
    sqlite3 *db;
    char *path;
};

/* The SQLite result as an errno, with the sentence `PATH: doing: why`. */
int hy_store_fail(hy_store *store, const char *doing, hy_error *error);

/* Runs SQL text without parameters. */
int hy_store_run(hy_store *store, const char *sql, const char *doing, hy_error *error);

/* A prepared statement, or NULL with the sentence. */
sqlite3_stmt *hy_store_prepare(hy_store *store, const char *sql, const char *doing, hy_error *error);

/* Runs a statement that answers no rows, and makes it ready for the next. */
int hy_store_step(hy_store *store, sqlite3_stmt *statement, const char *doing, hy_error *error);

/* Runs a statement that answers one number, and frees it. */
int hy_store_answer(hy_store *store, sqlite3_stmt *statement, const char *doing, int64_t *ret_number, hy_error *error);

/* store_heapmap.c: the cell's map, if it has one; within the transaction of its cell. */
int hy_store_heapmap(hy_store *store, int64_t id, const hy_cell_result *cell, hy_error *error);

#endif
