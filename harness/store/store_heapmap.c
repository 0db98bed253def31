/* SPDX-License-Identifier: MIT
 *
 * store_heapmap.c - the map of a cell (harness/replay/map_pass.h): two strings of bytes, packed by zlib.
 */
#include "database.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static const char doing[] = "cannot store the map";

static const hy_blob *find_blob(const hy_cell_result *cell, const char *name) {
    for (size_t i = 0; i < cell->blob_count; i++)
        if (strcmp(cell->blobs[i].name, name) == 0)
            return &cell->blobs[i];
    return NULL;
}

/* Binds the packed blob; 0 or -errno with the sentence. */
static int bind_packed(hy_store *store, sqlite3_stmt *s, int column, const hy_blob *blob, hy_error *error) {
    uLongf size = compressBound(blob->size);
    Bytef *const packed = malloc(size);
    if (!packed || compress2(packed, &size, blob->bytes, blob->size, Z_BEST_COMPRESSION) != Z_OK) {
        free(packed);
        return hy_fail(error, -ENOMEM, "%s: %s: no memory", store->path, doing);
    }
    sqlite3_bind_blob64(s, column, packed, size, free);
    return 0;
}

int hy_store_heapmap(hy_store *store, int64_t id, const hy_cell_result *cell, hy_error *error) {
    const hy_blob *const lives = find_blob(cell, "lives"), *const places = find_blob(cell, "places");
    if (!lives || !places)
        return 0;
    sqlite3_stmt *const s =
        hy_store_prepare(store, "INSERT INTO heapmap (cell, lives, places) VALUES (?1, ?2, ?3)", doing, error);
    if (!s)
        return -EIO;
    sqlite3_bind_int64(s, 1, id);
    int r = bind_packed(store, s, 2, lives, error);
    if (r == 0)
        r = bind_packed(store, s, 3, places, error);
    if (r == 0)
        r = hy_store_step(store, s, doing, error);
    sqlite3_finalize(s);
    return r;
}
