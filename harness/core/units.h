/* SPDX-License-Identifier: MIT
 *
 * units.h - numbers for people: 1.5 MiB, 12.3 ns, 1 234 567.
 */
#ifndef HY_UNITS_H
#define HY_UNITS_H

#include <stddef.h>
#include <stdint.h>

typedef struct hy_number {
    char text[40];
} hy_number;

hy_number hy_show_bytes(uint64_t bytes);    /* "4.00 KiB"; below 1 KiB "17 B" */
hy_number hy_show_count(uint64_t count);    /* "1 234 567" */
hy_number hy_show_time(double nanoseconds); /* "12.3 ns", "4.56 µs", "7.80 ms", "1.20 s" */

/* Characters of a text in UTF-8: the columns that it takes where all are of the same width. */
size_t hy_text_width(const char *text);

#endif
