/* SPDX-License-Identifier: MIT
 *
 * scan.h - what is left to relocate in a program or a library that is linked already.
 */
#ifndef HY_SCAN_H
#define HY_SCAN_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum hy_scan_kind {
    HY_SCAN_FIXED,      /* an executable at a fixed address (ET_EXEC) */
    HY_SCAN_PIE,        /* an executable at any address */
    HY_SCAN_STATIC_PIE, /* the same without a dynamic loader: it relocates itself */
    HY_SCAN_LIBRARY,
    HY_SCAN_KINDS
} hy_scan_kind;

extern const char *const hy_scan_words[HY_SCAN_KINDS]; /* "fixed", "pie", "static-pie", "library" */

typedef enum hy_scan_type {
    HY_SCAN_RELATIVE, /* base + addend: the address of something in the file itself */
    HY_SCAN_RELR,     /* the same, packed: addresses, as DT_RELR unpacks */
    HY_SCAN_SYMBOL,   /* the address of a symbol: R_X86_64_64, GLOB_DAT */
    HY_SCAN_JUMP,     /* of a function, perhaps at its first call: JUMP_SLOT */
    HY_SCAN_CHOSEN,   /* IRELATIVE */
    HY_SCAN_TLS,      /* DTPMOD64, DTPOFF64, TPOFF64, TLSDESC */
    HY_SCAN_COPY,
    HY_SCAN_OTHER,
    HY_SCAN_TYPES
} hy_scan_type;

typedef struct hy_scan {
    hy_scan_kind kind;
    bool text_flag; /* DT_TEXTREL or DF_TEXTREL */
    bool relr;      /* has DT_RELR */
    uint64_t count[HY_SCAN_TYPES];
    uint64_t in_text;      /* relocations whose place cannot be written or can be executed */
    uint64_t pages;        /* of 4 KiB with a relocation: each process has its own copy of them */
    uint64_t loaded_bytes; /* of all loadable segments */
} hy_scan;

/* Reads a file.  1: it is one of the kinds; 0: something else (no ELF file, another machine, an object); -errno with
 * the sentence: it cannot be read, or its tables lie outside of it. */
int hy_scan_file(const char *path, hy_scan *ret_scan, hy_error *error);
int hy_scan_bytes(const char *name, const void *bytes, size_t size, hy_scan *ret_scan, hy_error *error);

#endif
