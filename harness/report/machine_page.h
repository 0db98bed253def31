/* SPDX-License-Identifier: MIT
 *
 * machine_page.h - the frame of the pages about the memory of a machine, in the look of the report.
 *
 *     hy_machine_page *page;
 *     hy_machine_open(folder, "share", "Sharing", "What is held once by many.", command, &page, error);
 *     hy_machine_heading(page, "libraries", "Shared libraries");
 *     hy_machine_text(page, "*Once* is enough: `libc.so.6` is mapped by %u processes.", 12);
 *     hy_machine_sheet(page, &sheet);                       a table (sheet.h)
 *     hy_machine_map(page, "AAAAAAAAAA\nAA....DDD.\n");     blocks by letters, a point is free
 *     FILE *const data = hy_machine_data(page);             rows for the picture, later beside the page
 *     hy_machine_figure(page, &figure);                     plots/NAME.gp draws them
 *     hy_machine_close(page, &no_gnuplot, error);           or cmd_close_page (machine_answer.h)
 *
 * The first thing that fails is kept, whatever follows is without effect, and close tells it.  One file without any
 * reference to the outside, but for each picture's .dat, .svg and .png beside it; without gnuplot it has its tables
 * only.  `heapyard report -o FOLDER` links to those of these pages that lie in FOLDER.
 */
#ifndef HY_MACHINE_PAGE_H
#define HY_MACHINE_PAGE_H

#include "report.h"
#include "sheet.h"

typedef struct hy_machine_page hy_machine_page;

/* Makes FOLDER with FOLDER/NAME.html.  `name` is one of hy_machine_pages; `command` as typed, or NULL. */
int hy_machine_open(const char *folder, const char *name, const char *title, const char *lead, const char *command,
                    hy_machine_page **ret_page, hy_error *error);
/* Frees the page too.  0 or -errno. */
int hy_machine_close(hy_machine_page *page, bool *ret_no_gnuplot, hy_error *error);

/* `id` is what a link ends with, and it stands in the page's navigation if `text` does. */
void hy_machine_heading(hy_machine_page *page, const char *id, const char *text);
void hy_machine_subheading(hy_machine_page *page, const char *text);
/* A paragraph: `code` and *emphasis*, all else as it is. */
__attribute__((format(printf, 2, 3))) void hy_machine_text(hy_machine_page *page, const char *format, ...);
/* The same in small print. */
__attribute__((format(printf, 2, 3))) void hy_machine_note(hy_machine_page *page, const char *format, ...);
void hy_machine_sheet(hy_machine_page *page, const hy_sheet *sheet);
/* Lines of letters: each letter has a colour; anything else is left as it is. */
void hy_machine_map(hy_machine_page *page, const char *text);
/* What a program said, as it is. */
void hy_machine_output(hy_machine_page *page, const char *text);
/* For the data of the next figure; belongs to the page. */
FILE *hy_machine_data(hy_machine_page *page);
/* Writes the data to BASE.dat, draws it and puts it into the page with its caption (figure->about). */
void hy_machine_figure(hy_machine_page *page, hy_figure *figure);

typedef struct hy_machine_place {
    const char *name, *title; /* "share": share.html */
} hy_machine_place;
/* Ends with a NULL name. */
extern const hy_machine_place hy_machine_pages[];
/* Links to those that lie in the folder, but for `except` (or NULL). */
void hy_machine_links(const char *folder, const char *except, FILE *out);

#endif
