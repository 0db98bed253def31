/* SPDX-License-Identifier: MIT
 *
 * reloc_scan.h - what a scan found, for its page.
 */
#ifndef HY_RELOC_SCAN_H
#define HY_RELOC_SCAN_H

#include "scan.h"
#include "sheet.h"

typedef struct cmd_scan_row {
    char *path;
    hy_scan scan;
} cmd_scan_row;

/* All dynamic relocations of a file. */
uint64_t cmd_scan_dynamic(const hy_scan *scan);

/* Writes FOLDER/reloc.html: what was found, what a relocation is, and whether ours are right.  An exit code. */
int cmd_scan_page(const char *folder, const char *typed, const hy_sheet *kinds, const char *sentence,
                  const cmd_scan_row *rows, size_t count);

#endif
