/* SPDX-License-Identifier: MIT
 *
 * import_valgrind.c - the log of `valgrind --trace-malloc=yes`, of any tool that replaces malloc:
 *
 *   --2174-- malloc(24) = 0x4A44040
 *   --2174-- calloc(3,10) = 0x4A440A0
 *   --2174-- realloc(0x4A44040,5000) = 0x4A44100
 *   --2174-- realloc(0x0,40)malloc(40) = 0x4A454D0
 *   --2174-- realloc(0x4A454D0,0)free(0x4A454D0)
 *   --2174-- memalign(al 64, size 100) = 0x4A45540
 *   --2174-- _ZnwmSt11align_val_t(size 24, al 64) = 0x4A45680      operator new and its kin, by their symbols
 *   --2174-- free(0x4A440A0)
 *
 * All other lines are passed over.  Not there: threads.  Times (--time-stamp=yes) are not taken: they are valgrind's.
 */
#include "importers.h"

#include "format.h"
#include "words.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define BAD(...) hy_fail(error, -EINVAL, __VA_ARGS__)

typedef struct call {
    const char *name;
    char *first, *second; /* between the parentheses; "" if there is none */
    uint64_t align;       /* 0: not asked for */
    const char *result;   /* "" if there is none */
} call;

/* "--PID-- " or "==PID== ", perhaps with a time before the number: the text behind it, or NULL. */
static char *find_text(char *line, char mark) {
    if (line[0] != mark || line[1] != mark)
        return NULL;
    const char stop[] = {mark, mark, ' ', '\0'};
    char *const end = strstr(line + 2, stop);
    if (!end || end == line + 2 || strspn(line + 2, "0123456789:. ") != (size_t)(end - line - 2))
        return NULL;
    *end = '\0';
    return end + sizeof stop - 1;
}

static bool recognise(const char *line) {
    char copy[80];
    snprintf(copy, sizeof copy, "%s", line);
    return find_text(copy, '=') || find_text(copy, '-');
}

/* "al 64" is taken out, of "size 100" the number is left. */
static int parse_argument(call *c, char *word, hy_error *error) {
    word += strspn(word, " ");
    if (strncmp(word, "al ", 3) == 0)
        return hy_word_number("the alignment", word + 3, &c->align, error);
    if (strncmp(word, "size ", 5) == 0)
        word += 5;
    *(c->first[0] == '\0' ? &c->first : &c->second) = word;
    return 0;
}

/* "name(argument, argument)other(...) = result" */
static int parse_call(char *text, call *c, hy_error *error) {
    char *const open = text + strcspn(text, "("), *const close = open + strcspn(open, ")");
    static char none[1];
    *c = (call){.name = text, .first = none, .second = none, .result = ""};
    if (*open != '(' || *close != ')')
        return 0; /* something else that valgrind says */
    char *const result = strstr(close, " = ");
    if (result)
        c->result = result + 3;
    *open = *close = '\0';
    for (char *at = open + 1; at;) {
        char *const comma = strchr(at, ',');
        if (comma)
            *comma = '\0';
        const int r = parse_argument(c, at, error);
        if (r < 0)
            return r;
        at = comma ? comma + 1 : NULL;
    }
    return 0;
}

static bool begins(const char *name, const char *with) {
    return strncmp(name, with, strlen(with)) == 0;
}

static int read_result(const call *c, uint64_t *ret_block, hy_error *error) {
    return hy_word_address("the result", c->result, ret_block, error);
}

static int read_birth(hy_intake *intake, const call *c, hy_error *error) {
    uint64_t block, size = 0, count = 1;
    const bool calloc = strcmp(c->name, "calloc") == 0;
    int r = read_result(c, &block, error);
    if (r == 0 && block != 0)
        r = hy_word_number("the size", calloc ? c->second : c->first, &size, error);
    if (r == 0 && block != 0 && calloc)
        r = hy_word_number("the count", c->first, &count, error);
    if (r == 0)
        r = hy_intake_product(count, size, &size, error);
    const hy_event_kind kind = calloc ? HY_EVENT_CALLOC : c->align ? HY_EVENT_ALIGNED : HY_EVENT_MALLOC;
    return r < 0 ? r : hy_intake_birth(intake, kind, block, size, c->align, error);
}

static int read_free(hy_intake *intake, const call *c, hy_error *error) {
    uint64_t block;
    const int r = hy_word_address("the block", c->first, &block, error);
    return r < 0 ? r : hy_intake_free(intake, block, error);
}

static int read_realloc(hy_intake *intake, const call *c, hy_error *error) {
    uint64_t old, block = 0, size = 0;
    int r = hy_word_address("the block", c->first, &old, error);
    if (r == 0 && c->result[0] != '\0')
        r = read_result(c, &block, error);
    if (r == 0 && (block != 0 || strcmp(c->second, "0") == 0))
        r = hy_word_number("the size", c->second, &size, error);
    else if (r == 0) /* failed, whatever was asked for */
        size = 1;
    return r < 0 ? r : hy_intake_realloc(intake, old, block, size, error);
}

static int take(hy_intake *intake, const call *c, hy_error *error) {
    static const char *const births[] = {"malloc", "calloc", "memalign", "__builtin_new", "__builtin_vec_new"},
                             *const frees[] = {"free", "cfree", "__builtin_delete", "__builtin_vec_delete"};
    for (size_t i = 0; i < sizeof births / sizeof *births; i++)
        if (strcmp(c->name, births[i]) == 0)
            return read_birth(intake, c, error);
    for (size_t i = 0; i < sizeof frees / sizeof *frees; i++)
        if (strcmp(c->name, frees[i]) == 0)
            return read_free(intake, c, error);
    if (begins(c->name, "_Znw") || begins(c->name, "_Zna"))
        return read_birth(intake, c, error);
    if (begins(c->name, "_Zdl") || begins(c->name, "_Zda"))
        return read_free(intake, c, error);
    return strcmp(c->name, "realloc") == 0 ? read_realloc(intake, c, error) : 0;
}

/* The process, which the line began with. */
static int parse_process(const char *line, uint64_t *ret_process, hy_error *error) {
    const char *const blank = strrchr(line, ' ');
    return hy_word_number("the process", blank ? blank + 1 : line + 2, ret_process, error);
}

static int read_line(hy_intake *intake, void *state, char *line, hy_error *error) {
    uint64_t process;
    call c;
    const char *const remark = find_text(line, '=');
    if (remark && begins(remark, "Command: ") && intake->meta.command[0] == '\0')
        hy_text_clean(intake->meta.command, sizeof intake->meta.command, remark + strlen("Command: "));
    char *const text = remark ? NULL : find_text(line, '-');
    if (!text)
        return 0;
    int r = parse_call(text, &c, error);
    if (r == 0)
        r = parse_process(line, &process, error);
    return r < 0 || !hy_intake_is_ours(intake, process) ? r : take(intake, &c, error);
}

const hy_importer hy_import_valgrind = {
    .name = "valgrind",
    .what = "valgrind --trace-malloc=yes --log-file=FILE",
    .strays = true,
    .recognise = recognise,
    .line = read_line,
};
