/* SPDX-License-Identifier: MIT
 *
 * arrivals_parse.c - the text of an arrival trace (docs/arrivals.md), line by line.
 *
 *  1. The first line is the head; then `@key value` lines, then events; lines that begin with # are comments.
 *  2. Times never fall; processes are numbered by their appearance; what ends was there.
 *  3. A process has at most one program at a time: `current` has it, or nothing.
 */
#include "arrivals.h"

#include "format.h"
#include "source.h"
#include "spec.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define NOBODY SIZE_MAX
#define LINE_MOST 5000u
#define WORDS 7u

typedef struct parser {
    hy_arrivals *trace;
    const char *name;
    unsigned line;
    size_t room;                   /* programs */
    size_t *current, process_room; /* of each process, from 1: its program, or NOBODY */
    hy_error *error;
} parser;

typedef struct words {
    char *at[WORDS];
    size_t count;
} words;

__attribute__((format(printf, 2, 3))) static int refuse(const parser *self, const char *format, ...) {
    char what[300];
    va_list list;
    va_start(list, format);
    vsnprintf(what, sizeof what, format, list);
    va_end(list);
    return hy_fail(self->error, -EINVAL, "%s:%u: %s", self->name, self->line, what);
}

/* Words of a line, cut in place; the last word takes the rest. */
static words split(char *line, size_t most) {
    words found = {.count = 0};
    char *at = line;
    while (found.count < most) {
        at += strspn(at, " \t");
        if (!*at)
            break;
        found.at[found.count++] = at;
        char *const end = at + strcspn(at, " \t");
        if (found.count == most || !*end)
            break;
        *end = '\0';
        at = end + 1;
    }
    return found;
}

/* `below` is at most 2^60, so that a digit more does not overflow. */
static int parse_number(const parser *self, const char *word, const char *what, uint64_t below, uint64_t *ret) {
    uint64_t number = 0;
    const char *at = word;
    for (; *at >= '0' && *at <= '9' && number < below; at++)
        number = number * 10 + (uint64_t)(*at - '0');
    if (at == word || *at || number >= below)
        return refuse(self, "\"%.40s\" is no %s; expected a number below %" PRIu64, word, what, below);
    *ret = number;
    return 0;
}

/* ------------------------------------------------------------------------------------------------------ programs ----
 */

static int need_processes(parser *self, size_t count) {
    if (count <= self->process_room)
        return 0;
    const size_t room = 2 * count + 64;
    size_t *const grown = realloc(self->current, room * sizeof *grown);
    if (!grown)
        return refuse(self, "no memory for %zu processes", room);
    for (size_t i = self->process_room; i < room; i++)
        grown[i] = NOBODY;
    self->current = grown;
    self->process_room = room;
    return 0;
}

static int add_program(parser *self, const hy_program *program) {
    hy_arrivals *const trace = self->trace;
    if (trace->count == HY_ARRIVALS_PROGRAMS)
        return refuse(self, "more than %zu programs; too many", HY_ARRIVALS_PROGRAMS);
    if (trace->count == self->room) {
        const size_t room = 2 * self->room + 64;
        hy_program *const grown = realloc(trace->programs, room * sizeof *grown);
        if (!grown)
            return refuse(self, "no memory for %zu programs", room);
        trace->programs = grown;
        self->room = room;
    }
    self->current[program->process] = trace->count;
    trace->programs[trace->count++] = *program;
    return 0;
}

/* The number of a process that is there, or may be the next one. */
static int parse_process(parser *self, const char *word, bool fresh, uint32_t *ret_process) {
    uint64_t number = 0;
    if (parse_number(self, word, "process", HY_ARRIVALS_PROGRAMS, &number) < 0)
        return -EINVAL;
    const uint64_t next = (uint64_t)self->trace->processes + 1;
    if (fresh ? number != next : number == 0 || number >= next)
        return fresh ? refuse(self, "process %" PRIu64 " appears; expected %" PRIu64 ", the next number", number, next)
                     : refuse(self, "there is no process %" PRIu64 " yet", number);
    *ret_process = (uint32_t)number;
    return need_processes(self, number + 1);
}

/* -------------------------------------------------------------------------------------------------------- events ----
 */

/* fork PROCESS PARENT, vfork PROCESS PARENT */
static int parse_fork(parser *self, uint64_t time, hy_program_kind kind, const words *w) {
    uint32_t process = 0, parent = 0;
    if (w->count != 4)
        return refuse(self, "%zu words; expected: TIME %s PROCESS PARENT", w->count, w->at[1]);
    if (parse_process(self, w->at[3], false, &parent) < 0 || parse_process(self, w->at[2], true, &process) < 0)
        return -EINVAL;
    const size_t copied = self->current[parent];
    if (copied == NOBODY)
        return refuse(self, "process %u has no program to fork", parent);
    const hy_program *const from = &self->trace->programs[copied];
    self->trace->processes = process;
    return add_program(self, &(hy_program){.start = time,
                                           .process = process,
                                           .parent = parent,
                                           .kind = kind,
                                           .how = HY_PROGRAM_CUT,
                                           .loadable = from->loadable,
                                           .guess = from->guess,
                                           .file = from->file});
}

/* exec PROCESS LOADABLE GUESS FILE */
static int parse_exec(parser *self, uint64_t time, const words *w) {
    uint32_t process = 0;
    uint64_t loadable = 0, guess = 0;
    if (w->count != 6)
        return refuse(self, "%zu words; expected: TIME exec PROCESS LOADABLE GUESS FILE", w->count);
    const bool first = self->trace->processes == 0;
    if (parse_process(self, w->at[2], first, &process) < 0 ||
        parse_number(self, w->at[3], "size", HY_ARRIVALS_BYTES, &loadable) < 0 ||
        parse_number(self, w->at[4], "size", HY_ARRIVALS_BYTES, &guess) < 0)
        return -EINVAL;
    if (self->current[process] != NOBODY)
        return refuse(self, "process %u executes, and its program before has no end", process);
    char *const file = strdup(w->at[5]);
    if (!file)
        return refuse(self, "no memory for a name");
    self->trace->processes = first ? 1 : self->trace->processes;
    const hy_program program = {.start = time,
                                .process = process,
                                .kind = HY_PROGRAM_EXEC,
                                .how = HY_PROGRAM_CUT,
                                .loadable = loadable,
                                .guess = guess,
                                .file = self->trace->count,
                                .name = file};
    const int r = add_program(self, &program);
    if (r < 0)
        free(file);
    return r;
}

static int parse_how(const parser *self, const words *w, hy_program *program) {
    static const char *const kinds[] = {"exit", "signal", "exec", "cut"};
    uint64_t code = 0;
    size_t kind = 0;
    while (kind < 4 && strncmp(w->at[6], kinds[kind], strlen(kinds[kind])) != 0)
        kind++;
    const char *const rest = kind < 4 ? w->at[6] + strlen(kinds[kind]) : "";
    const bool numbered = kind < 2;
    if (kind == 4 || (numbered ? *rest != ' ' : *rest != '\0'))
        return refuse(self, "\"%.40s\" is no end; expected exit CODE, signal NUMBER, exec or cut", w->at[6]);
    if (numbered && parse_number(self, rest + 1, "code", 256, &code) < 0)
        return -EINVAL;
    program->how = (hy_program_end)kind;
    program->code = (uint32_t)code;
    return 0;
}

/* end PROCESS RESIDENT SPACE FAULTS HOW */
static int parse_end(parser *self, uint64_t time, const words *w) {
    uint32_t process = 0;
    if (w->count != 7)
        return refuse(self, "%zu words; expected: TIME end PROCESS RESIDENT SPACE FAULTS HOW", w->count);
    if (parse_process(self, w->at[2], false, &process) < 0)
        return -EINVAL;
    if (self->current[process] == NOBODY)
        return refuse(self, "process %u ends, and has no program", process);
    hy_program *const program = &self->trace->programs[self->current[process]];
    if (parse_number(self, w->at[3], "size", HY_ARRIVALS_BYTES, &program->resident) < 0 ||
        parse_number(self, w->at[4], "size", HY_ARRIVALS_BYTES, &program->space) < 0 ||
        parse_number(self, w->at[5], "number of faults", UINT64_C(1) << 48, &program->faults) < 0)
        return -EINVAL;
    program->end = time;
    self->current[process] = NOBODY;
    return parse_how(self, w, program);
}

static int parse_event(parser *self, char *line) {
    uint64_t time = 0;
    char *const file = strdup(line); /* a file's name may have blanks: the rest, from the 6th word on */
    if (!file)
        return refuse(self, "no memory for a line");
    words w = split(line, WORDS);
    int r = w.count < 3 ? refuse(self, "%zu words; expected: TIME EVENT PROCESS …", w.count)
                        : parse_number(self, w.at[0], "time in ns", HY_ARRIVALS_TIME, &time);
    if (r == 0 && time < self->trace->last)
        r = refuse(self, "time falls from %" PRIu64 " to %" PRIu64, self->trace->last, time);
    if (r == 0) {
        self->trace->last = time;
        if (strcmp(w.at[1], "exec") == 0) {
            w = split(file, 6);
            r = parse_exec(self, time, &w);
        } else if (strcmp(w.at[1], "fork") == 0 || strcmp(w.at[1], "vfork") == 0) {
            r = parse_fork(self, time, w.at[1][0] == 'v' ? HY_PROGRAM_VFORK : HY_PROGRAM_FORK, &w);
        } else if (strcmp(w.at[1], "end") == 0) {
            r = parse_end(self, time, &w);
        } else {
            r = refuse(self, "\"%.40s\" is no event; expected exec, fork, vfork or end", w.at[1]);
        }
    }
    free(file);
    return r;
}

/* --------------------------------------------------------------------------------------------------------- lines ----
 */

static int parse_key(parser *self, char *line) {
    const words w = split(line + 1, 2);
    const char *const value = w.count == 2 ? w.at[1] : "";
    if (self->trace->count > 0)
        return refuse(self, "a description behind events");
    if (w.count == 0)
        return refuse(self, "a description without a name");
    if (strcmp(w.at[0], "command") == 0)
        snprintf(self->trace->command, sizeof self->trace->command, "%s", value);
    else if (strcmp(w.at[0], "machine") == 0)
        snprintf(self->trace->machine, sizeof self->trace->machine, "%s", value);
    else if (strcmp(w.at[0], "page") == 0)
        return parse_number(self, value, "size of a page", UINT64_C(1) << 31, &self->trace->page);
    return 0;
}

static int check_line(const parser *self, const char *line, size_t size) {
    if (size > LINE_MOST)
        return refuse(self, "a line of %zu bytes; expected at most %u", size, LINE_MOST);
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)line[i] < ' ' && line[i] != '\t')
            return refuse(self, "a control character (0x%02x); this is no text", (unsigned char)line[i]);
    return 0;
}

static int parse_line(parser *self, const char *line, size_t size) {
    char copy[LINE_MOST + 1];
    if (size > 0 && line[size - 1] == '\r')
        size--;
    if (check_line(self, line, size) < 0)
        return -EINVAL;
    memcpy(copy, line, size);
    copy[size] = '\0';
    if (self->line == 1)
        return strcmp(copy, HY_ARRIVALS_HEAD) == 0
                   ? 0
                   : refuse(self, "no arrival trace; expected the first line to be \"" HY_ARRIVALS_HEAD "\"");
    if (copy[strspn(copy, " \t")] == '\0' || copy[0] == '#')
        return 0;
    return copy[0] == '@' ? parse_key(self, copy) : parse_event(self, copy);
}

static int parse_lines(parser *self, const char *text, size_t size) {
    if (size == 0)
        return hy_fail(self->error, -EINVAL, "%s is empty; expected an arrival trace", self->name);
    for (const char *at = text, *const end = text + size; at < end;) {
        const char *const stop = memchr(at, '\n', (size_t)(end - at));
        self->line++;
        if (parse_line(self, at, (size_t)((stop ? stop : end) - at)) < 0)
            return -EINVAL;
        at = stop ? stop + 1 : end;
    }
    return self->trace->count > 0 ? 0 : hy_fail(self->error, -EINVAL, "%s: no event", self->name);
}

/* Who never ended was there to the last.  All could stay one after the other: even then time must have an end. */
static int settle_ends(const parser *self) {
    hy_arrivals *const trace = self->trace;
    uint64_t stays = 0;
    for (size_t i = 0; i < trace->count; i++) {
        hy_program *const program = &trace->programs[i];
        if (program->how == HY_PROGRAM_CUT)
            program->end = trace->last;
        stays += program->end - program->start;
        if (stays >= HY_ARRIVALS_STAYS)
            return hy_fail(self->error, -EINVAL, "%s: programs that stay for more than %" PRIu64 " s in all",
                           self->name, HY_ARRIVALS_STAYS / 1000000000);
    }
    return 0;
}

int hy_arrivals_parse(const char *text, size_t size, const char *name, hy_arrivals *ret, hy_error *error) {
    char clean[256];
    hy_arrivals trace = {.page = 4096};
    hy_text_clean(clean, sizeof clean, name);
    parser self = {.trace = &trace, .name = clean, .error = error};
    int r = parse_lines(&self, text, size);
    if (r == 0)
        r = settle_ends(&self);
    free(self.current);
    if (r == 0)
        *ret = trace;
    else
        hy_arrivals_free(&trace);
    return r;
}

/* All of a file, in steps that double.  *ret_text is to be freed, also after a failure. */
static int read_all(hy_source *source, char **ret_text, size_t *ret_size, hy_error *error) {
    size_t room = 0, got = 0;
    *ret_size = 0;
    do {
        if (*ret_size > HY_ARRIVALS_MOST)
            return hy_fail(error, -EFBIG, "%s: more than %zu bytes; too large an arrival trace", source->name,
                           HY_ARRIVALS_MOST);
        room = 2 * room + 65536;
        char *const grown = realloc(*ret_text, room);
        if (!grown)
            return hy_fail(error, -ENOMEM, "%s: no memory for %zu bytes", source->name, room);
        *ret_text = grown;
        const int r = hy_source_read(source, grown + *ret_size, room - *ret_size, &got);
        if (r < 0)
            return hy_fail(error, r, "%s: %s", source->name, strerror(-r));
        *ret_size += got;
    } while (*ret_size == room);
    return 0;
}

int hy_arrivals_read(const char *path, hy_arrivals *ret, hy_error *error) {
    hy_source source;
    char *text = NULL;
    size_t size = 0;
    int r = hy_source_open(&source, path, error);
    if (r < 0)
        return r;
    r = read_all(&source, &text, &size, error);
    if (r == 0)
        r = hy_arrivals_parse(text, size, source.name, ret, error);
    free(text);
    hy_source_close(&source);
    return r;
}
