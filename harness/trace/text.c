/* SPDX-License-Identifier: MIT
 *
 * text.c - see text.h.
 */
#include "text.h"

#include "format.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BAD(...) hy_fail(error, -EINVAL, __VA_ARGS__)

/* ---- out ---- */

size_t hy_event_line(const hy_event *event, char *ret_line) {
    int size = snprintf(ret_line, HY_EVENT_LINE, "%" PRIu64 " %" PRIu32 " %s", event->time, event->thread,
                        hy_event_name(event->kind));
    if (event->kind <= HY_EVENT_FREE)
        size += snprintf(ret_line + size, HY_EVENT_LINE - (size_t)size, " %" PRIu64, event->id);
    if (event->kind <= HY_EVENT_REALLOC)
        size += snprintf(ret_line + size, HY_EVENT_LINE - (size_t)size, " %" PRIu64, event->size);
    if (event->kind == HY_EVENT_ALIGNED)
        size += snprintf(ret_line + size, HY_EVENT_LINE - (size_t)size, " %" PRIu64, (uint64_t)1 << event->align);
    return (size_t)size;
}

int hy_text_export(hy_trace_reader *reader, FILE *to, hy_error *error) {
    const hy_trace_meta *const meta = hy_trace_get_meta(reader);
    fprintf(to, "@command=%s\n@origin=%s\n@machine=%s\n@started=%" PRIu64 "\n@pid=%" PRIu64 "\n", meta->command,
            meta->origin, meta->machine, meta->started, meta->pid);
    const hy_event *events;
    size_t count;
    int r;
    while ((r = hy_trace_next(reader, &events, &count, error)) > 0) {
        for (size_t i = 0; i < count; i++) {
            char line[HY_EVENT_LINE];
            const size_t size = hy_event_line(&events[i], line);
            line[size] = '\n';
            fwrite(line, 1, size + 1, to);
        }
    }
    fprintf(to, "@dropped=%" PRIu64 "\n", meta->dropped);
    return r;
}

/* ---- in ---- */

/* The next word, terminated in place; "" at the end. */
static char *next_word(char **line) {
    char *const word = *line + strspn(*line, " \t");
    char *const end = word + strcspn(word, " \t");
    *line = *end ? end + 1 : end;
    *end = '\0';
    return word;
}

/* As much of a word as a sentence takes, without control characters. */
typedef struct shown_word {
    char text[44];
} shown_word;

static shown_word show_word(const char *word) {
    shown_word shown;
    hy_text_clean(shown.text, sizeof shown.text, word);
    return shown;
}

/* Decimal, below 2^63. */
static int parse_number(const char *what, const char *word, uint64_t *ret_number, hy_error *error) {
    uint64_t number = 0;
    if (word[0] == '\0')
        return BAD("%s is missing", what);
    for (const char *c = word; *c; c++) {
        if (*c < '0' || *c > '9')
            return BAD("%s is \"%s\"; expected a number", what, show_word(word).text);
        if (number > ((uint64_t)INT64_MAX - (uint64_t)(*c - '0')) / 10)
            return BAD("%s is %s; expected less than 2^63", what, show_word(word).text);
        number = 10 * number + (uint64_t)(*c - '0');
    }
    *ret_number = number;
    return 0;
}

static int parse_kind(const char *word, uint8_t *ret_kind, hy_error *error) {
    const char *names[HY_EVENT_KINDS + 1] = {NULL};
    for (uint8_t kind = 0; kind < HY_EVENT_KINDS; kind++) {
        names[kind] = hy_event_name(kind);
        if (strcmp(word, names[kind]) == 0) {
            *ret_kind = kind;
            return 0;
        }
    }
    const char *const nearest = hy_nearest(word, strlen(word), names);
    return BAD("unknown kind of event \"%s\"%s%s%s", show_word(word).text, nearest ? "; did you mean \"" : "",
               nearest ? nearest : "", nearest ? "\"?" : "");
}

static int parse_words(char *line, hy_event *event, hy_error *error) {
    uint64_t thread, align;
    int r;
    if ((r = parse_number("the time", next_word(&line), &event->time, error)) < 0)
        return r;
    if ((r = parse_number("the thread", next_word(&line), &thread, error)) < 0)
        return r;
    if (thread >= UINT32_MAX)
        return BAD("the thread is %" PRIu64 "; expected less than 2^32 - 1", thread);
    event->thread = (uint32_t)thread;
    if ((r = parse_kind(next_word(&line), &event->kind, error)) < 0)
        return r;
    if (event->kind <= HY_EVENT_FREE && (r = parse_number("the object", next_word(&line), &event->id, error)) < 0)
        return r;
    if (event->kind <= HY_EVENT_REALLOC && (r = parse_number("the size", next_word(&line), &event->size, error)) < 0)
        return r;
    if (event->kind == HY_EVENT_ALIGNED) {
        if ((r = parse_number("the alignment", next_word(&line), &align, error)) < 0)
            return r;
        if (align == 0 || (align & (align - 1)) != 0)
            return BAD("the alignment is %" PRIu64 "; expected a power of two", align);
        event->align = (uint8_t)__builtin_ctzll(align);
    }
    const char *const more = next_word(&line);
    return more[0] ? BAD("\"%s\" is too much for %s", show_word(more).text, hy_event_name(event->kind)) : 0;
}

int hy_event_parse(const char *line, hy_event *ret_event, hy_error *error) {
    char words[HY_LINE_MAX];
    const size_t size = strlen(line);
    if (size >= sizeof words)
        return BAD("longer than %d bytes", HY_LINE_MAX - 1);
    memcpy(words, line, size + 1);
    hy_event event = {.id = 0};
    const int r = parse_words(words, &event, error);
    if (r == 0)
        *ret_event = event;
    return r;
}

/* A line without its end.  1, 0: the end of the file, -errno with a part of a sentence. */
static int read_line(FILE *from, char *ret_line, hy_error *error) {
    size_t size = 0;
    int c;
    while ((c = getc_unlocked(from)) != EOF && c != '\n') {
        if (c == '\0')
            return BAD("a byte of value 0");
        if (size == HY_LINE_MAX - 1)
            return BAD("longer than %d bytes", HY_LINE_MAX - 1);
        ret_line[size++] = (char)c;
    }
    if (c == EOF && ferror(from))
        return hy_fail(error, -errno, "cannot read: %s", strerror(errno));
    if (c == EOF && size == 0)
        return 0;
    if (size > 0 && ret_line[size - 1] == '\r')
        size--;
    ret_line[size] = '\0';
    return 1;
}

typedef struct text_import {
    const char *trace;
    hy_trace_meta meta;
    hy_trace_writer *writer; /* from the first event on */
} text_import;

static int import_description(text_import *import, const char *line, hy_error *error) {
    if (strncmp(line, "dropped=", 8) == 0) {
        const int r = parse_number("dropped", line + 8, &import->meta.dropped, error);
        if (r == 0 && import->writer)
            hy_trace_set_dropped(import->writer, import->meta.dropped);
        return r;
    }
    if (import->writer)
        return BAD("a description after the first event");
    char text[HY_LINE_MAX + 1];
    const size_t size = (size_t)snprintf(text, sizeof text, "%s\n", line);
    return hy_meta_get(text, size, &import->meta, error);
}

static int import_event(text_import *import, const char *line, hy_error *error) {
    hy_event event;
    int r = hy_event_parse(line, &event, error);
    if (r == 0 && !import->writer)
        r = hy_trace_create(import->trace, &import->meta, &import->writer, error);
    return r < 0 ? r : hy_trace_append(import->writer, &event, error);
}

static int import_lines(text_import *import, FILE *from, uint64_t *ret_number, hy_error *error) {
    char line[HY_LINE_MAX];
    int r;
    for (*ret_number = 1; (r = read_line(from, line, error)) > 0; (*ret_number)++) {
        const char *const start = line + strspn(line, " \t");
        if (start[0] == '@')
            r = import_description(import, start + 1, error);
        else if (start[0] != '\0' && start[0] != '#')
            r = import_event(import, start, error);
        if (r < 0)
            return r;
    }
    return r;
}

int hy_text_import(const char *path, const char *trace, hy_error *error) {
    char name[256];
    text_import import = {.trace = trace};
    hy_text_clean(name, sizeof name, strcmp(path, "-") == 0 ? "standard input" : path);
    FILE *const from = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
    if (!from)
        return hy_fail(error, -errno, "%s: %s", name, strerror(errno));
    uint64_t number;
    hy_error why;
    int r = import_lines(&import, from, &number, &why);
    if (r < 0)
        hy_fail(error, r, "%s: line %" PRIu64 ": %s", name, number, why.text);
    else if (!import.writer)
        r = hy_trace_create(trace, &import.meta, &import.writer, error);
    if (from != stdin)
        fclose(from);
    if (!import.writer)
        return r;
    const int finished = hy_trace_finish(import.writer, r < 0 ? NULL : error);
    return r < 0 ? r : finished;
}
