/* SPDX-License-Identifier: MIT
 *
 * reloc_parts.h - the parts of `heapyard reloc`: one file each, argv[0] is "reloc PART".
 */
#ifndef HY_RELOC_PARTS_H
#define HY_RELOC_PARTS_H

#include "command.h"
#include "rel_archive.h"

int cmd_reloc_ls(int argc, char **argv);
int cmd_reloc_apply(int argc, char **argv);
int cmd_reloc_diff(int argc, char **argv);
int cmd_reloc_run(int argc, char **argv);
int cmd_reloc_scan(int argc, char **argv);

/* What is in a file: each member of an archive, or the object itself. */
typedef struct cmd_reloc_input {
    void *bytes;
    size_t size;
    const char *path;
    hy_rel_archive *archive; /* NULL: an object */
} cmd_reloc_input;

typedef struct cmd_reloc_item {
    char name[512]; /* for sentences: FILE, or FILE(MEMBER) */
    const char *member;
    const void *bytes;
    size_t size;
} cmd_reloc_item;

/* 0, or an exit code after saying why. */
int cmd_reloc_open(const char *path, cmd_reloc_input *ret_input);
void cmd_reloc_close(cmd_reloc_input *input);
/* Item `index`; false: there is none. */
bool cmd_reloc_item_at(const cmd_reloc_input *input, size_t index, cmd_reloc_item *ret_item);

/* An address: "0x400000", "64M".  0, or -EINVAL after saying so. */
int cmd_reloc_address(const char *text, uint64_t *ret_address);

/* For argp parsers: ends the program with the sentence.  argp_error would add three lines to it. */
__attribute__((format(printf, 1, 2))) _Noreturn void cmd_reloc_refuse(const char *format, ...);

#endif
