/* SPDX-License-Identifier: MIT
 *
 * reloc.c - `heapyard reloc`: code that can lie anywhere, what has to be changed in it for that, and whether that was
 * done right.  The second words, and what they share.
 */
#include "reloc_move.h"
#include "reloc_words.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

typedef struct reloc_word {
    const char *name, *typed, *summary;
    int (*run)(int argc, char **argv);
} reloc_word;

static const reloc_word words[] = {
    {"ls", "reloc ls", "the table of relocations of an object or an archive", cmd_reloc_ls},
    {"apply", "reloc apply", "objects at a base: where everything lies, what was written; -o FILE", cmd_reloc_apply},
    {"diff", "reloc diff", "an object or each member of an archive against GNU ld, at random bases", cmd_reloc_diff},
    {"run", "reloc run", "calls a function of an object at random bases, in a child", cmd_reloc_run},
    {"scan", "reloc scan", "programs and libraries: PIE, PIC, text relocations, RELR, dynamic relocations",
     cmd_reloc_scan},
    {"move", "reloc move", "a program that runs is moved: what breaks, what survives, and what that costs",
     cmd_reloc_move},
    {"handles", "reloc handles", "traces on a heap that moves its blocks: bytes moved against footprint won",
     cmd_reloc_handles},
    {"frames", "reloc frames", "frames shuffled below one range, and what remains fragmented", cmd_reloc_frames},
    {NULL, NULL, NULL, NULL}};

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

void cmd_reloc_csv(FILE *out, const char *text) {
    if (!strpbrk(text, ",\"\n")) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text; text++)
        fprintf(out, "%s%c", *text == '"' ? "\"" : "", *text);
    fputc('"', out);
}

/* ------------------------------------------------------------------------------------------------------- words ---- */

static void print_words(FILE *out) {
    fputs("usage: heapyard reloc WORD …\n\n", out);
    for (const reloc_word *w = words; w->name; w++)
        fprintf(out, "  %-8s %s\n", w->name, w->summary);
    fputs("\n`heapyard reloc WORD --help` lists the options of each.\n", out);
}

static int unknown(const char *name) {
    const char *names[16];
    size_t count = 0;
    for (const reloc_word *w = words; w->name && count < 15; w++)
        names[count++] = w->name;
    names[count] = NULL;
    const hy_hint hint = hy_did_you_mean(name, strlen(name), names, "`heapyard reloc --help` lists them");
    return cmd_fail("reloc: unknown word \"%s\"%s", name, hint.text);
}

static int run(int argc, char **argv) {
    if (argc < 2) {
        print_words(stderr);
        return HY_EXIT_INPUT;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0) {
        print_words(stdout);
        return HY_EXIT_OK;
    }
    for (const reloc_word *w = words; w->name; w++) {
        if (strcmp(w->name, argv[1]) != 0)
            continue;
        char name[32];
        snprintf(name, sizeof name, "%s", w->typed);
        argv[1] = name;
        return w->run(argc - 1, argv + 1);
    }
    return unknown(argv[1]);
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
