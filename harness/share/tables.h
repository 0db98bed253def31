/* SPDX-License-Identifier: MIT
 *
 * tables.h - what tables.c exports.
 */
#ifndef HY_TABLES_H
#define HY_TABLES_H

#define TABLES_SHOWN __attribute__((visibility("default")))

extern TABLES_SHOWN unsigned long hy_tables_count;
TABLES_SHOWN unsigned long hy_tables_sum(unsigned rounds);

#endif
