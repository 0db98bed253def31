/* SPDX-License-Identifier: MIT
 *
 * reloc.c - `heapyard reloc`: code that can lie anywhere, what has to be changed in it for that, and whether that was
 * done right.  Its parts, and what they share.
 */
#include "parts.h"
#include "reloc_move.h"
#include "reloc_parts.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const cmd_part parts[] = {
    {"ls", "ls FILE…", "the table of relocations of an object or an archive", cmd_reloc_ls},
    {"apply", "apply FILE… --base ADDRESS [-o FILE]", "objects at a base: where everything lies, what was written",
     cmd_reloc_apply},
    {"diff", "diff FILE [MEMBER…] [--bases N]",
     "an object or each member of an archive against GNU ld, at random bases", cmd_reloc_diff},
    {"run", "run FILE.o FUNCTION [ARGUMENT…] [--bases N]", "calls a function of an object at random bases, in a child",
     cmd_reloc_run},
    {"scan", "scan [FOLDER|FILE…] [--page FOLDER]",
     "programs and libraries: PIE, PIC, text relocations, RELR, dynamic relocations", cmd_reloc_scan},
    {"move", "move [TRACE…] [--strategy NAME,…] [--page FOLDER]",
     "a program that runs is moved: what breaks, what survives, and what that costs", cmd_reloc_move},
    {"handles", "handles TRACE…", "traces on a heap that moves its blocks: bytes moved against footprint won",
     cmd_reloc_handles},
    {"frames", "frames [--pages N]", "frames shuffled below one range, and what remains fragmented", cmd_reloc_frames},
};

/* ------------------------------------------------------------------------------------------------------- files ---- */

int cmd_reloc_open(const char *path, cmd_reloc_input *ret_input) {
    hy_error error;
    *ret_input = (cmd_reloc_input){.path = path};
    if (hy_rel_file_read(path, &ret_input->bytes, &ret_input->size, &error) < 0)
        return cmd_fail("%s", error.text);
    if (hy_rel_is_archive(ret_input->bytes, ret_input->size) &&
        hy_rel_archive_read(path, ret_input->bytes, ret_input->size, &ret_input->archive, &error) < 0) {
        cmd_reloc_close(ret_input);
        return cmd_fail("%s", error.text);
    }
    return 0;
}

void cmd_reloc_close(cmd_reloc_input *input) {
    hy_rel_archive_free(input->archive);
    free(input->bytes);
    *input = (cmd_reloc_input){.path = input->path};
}

bool cmd_reloc_item_at(const cmd_reloc_input *input, size_t index, cmd_reloc_item *ret_item) {
    if (index >= (input->archive ? input->archive->member_count : 1))
        return false;
    const hy_rel_member *const member = input->archive ? &input->archive->members[index] : NULL;
    *ret_item = (cmd_reloc_item){.member = member ? member->name : input->path,
                                 .bytes = member ? member->bytes : input->bytes,
                                 .size = member ? member->size : input->size};
    snprintf(ret_item->name, sizeof ret_item->name, member ? "%.300s(%.200s)" : "%.500s", input->path,
             member ? member->name : "");
    return true;
}

int cmd_reloc_address(const char *text, uint64_t *ret_address) {
    if (hy_parse_count(text, ret_address) == 0 || hy_parse_size(text, ret_address) == 0)
        return 0;
    cmd_fail("\"%s\" is no address; expected a number as 0x7f0000000000 or 64M", text);
    return -EINVAL;
}

void cmd_reloc_refuse(const char *format, ...) {
    char sentence[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    exit(cmd_fail("%s", sentence));
}

/* ------------------------------------------------------------------------------------------------------- parts ---- */

static int run(int argc, char **argv) {
    return cmd_run_part(&(cmd_parts){"reloc", parts, sizeof parts / sizeof *parts, NULL}, argc, argv);
}

const hy_command cmd_reloc = {
    .name = "reloc",
    .family = "memory of a machine",
    .usage = "reloc ls|apply|diff|run|scan|move|handles|frames …",
    .summary = "code placed at any base: relocations listed, applied, checked against GNU ld, run",
    .examples = {"heapyard reloc ls code.o", "heapyard reloc apply code.o --base 0x7f0000000000 -o image.bin",
                 "heapyard reloc diff /usr/lib/x86_64-linux-gnu/libc.a --bases 3",
                 "heapyard reloc run code.o square 12 --bases 1000", "heapyard reloc scan /usr/bin /usr/lib", NULL},
    .run = run,
};
