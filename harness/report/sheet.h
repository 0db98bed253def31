/* SPDX-License-Identifier: MIT
 *
 * sheet.h - a table of raw figures with its columns described once, for every way to show it: text, CSV, JSON and HTML.
 *
 *     static const hy_sheet_column columns[] = {{"process", "process", HY_SHEET_WORD}, {"rss", "RSS", HY_SHEET_BYTES}};
 *     hy_sheet sheet = {.name = "processes", .caption = "What each process holds.", HY_SHEET_COLUMNS(columns)};
 *     hy_sheet_add(&sheet, HY_SHEET_ROW(HY_WORD("first"), HY_FIGURE(1 << 20)));
 *     hy_sheet_text(&sheet, stdout);        // "1.00 MiB"
 *     hy_sheet_csv(&sheet, stdout);         // 1048576
 *     hy_sheet_free(&sheet);
 *
 * Text and pages have figures with units for people; CSV and JSON have them bare, in bytes, ns and shares of 1.
 */
#ifndef HY_SHEET_H
#define HY_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef enum hy_sheet_kind {
    HY_SHEET_WORD,
    HY_SHEET_COUNT,  /* whole numbers */
    HY_SHEET_BYTES,  /* people see KiB */
    HY_SHEET_TIME,   /* ns; people see µs */
    HY_SHEET_SHARE,  /* of 1; people see % */
    HY_SHEET_NUMBER, /* two places */
    HY_SHEET_HEX     /* addresses */
} hy_sheet_kind;

typedef struct hy_sheet_column {
    const char *key, *heading; /* for programs, for people */
    hy_sheet_kind kind;
} hy_sheet_column;

typedef struct hy_sheet_value {
    const char *word; /* copied; NULL in a column of words: empty */
    double figure;    /* NAN: unknown, "n/a" for people, empty in CSV, null in JSON */
} hy_sheet_value;

typedef struct hy_sheet {
    const char *name, *caption; /* of its array in JSON; below the table on a page */
    const hy_sheet_column *column;
    size_t columns;
    hy_sheet_value *value; /* rows × columns */
    size_t rows;
    bool detail; /* too long for people: in CSV and JSON only */
} hy_sheet;

#define HY_SHEET_COLUMNS(array) .column = (array), .columns = sizeof(array) / sizeof *(array)
#define HY_SHEET_ROW(...) ((const hy_sheet_value[]){__VA_ARGS__})
#define HY_WORD(text)                                                                                                  \
    (hy_sheet_value) {                                                                                                 \
        .word = (text)                                                                                                 \
    }
#define HY_FIGURE(number)                                                                                              \
    (hy_sheet_value) {                                                                                                 \
        .figure = (double)(number)                                                                                     \
    }

/* Appends a row of `columns` values.  Ends the program when memory is exhausted. */
void hy_sheet_add(hy_sheet *sheet, const hy_sheet_value *row);
void hy_sheet_free(hy_sheet *sheet);

/* Aligned for a terminal; words to the left. */
void hy_sheet_text(const hy_sheet *sheet, FILE *out);
void hy_sheet_csv(const hy_sheet *sheet, FILE *out);
/* A JSON array of objects. */
void hy_sheet_json(const hy_sheet *sheet, FILE *out);
/* A <table> with its caption as a note below. */
void hy_sheet_html(const hy_sheet *sheet, FILE *out);

#endif
