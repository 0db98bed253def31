/* SPDX-License-Identifier: MIT
 *
 * rangelog.c - the lines of a range log, written and read (see rangelog.h).
 *
 * Reading is strict, so that what is read and written again is the same text: exact words, sizes that agree with
 * headers, rows that agree with their addresses.  One thing is forgiven: the original prints sizes with %u, so a size
 * that is the lower half of the header's is accepted.
 */
#include "rangelog.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ----------------------------------------------------------------------------------------------------- writing ---- */

typedef struct address_text {
    char text[24];
} address_text;

static address_text show_address(int64_t address) {
    address_text shown;
    const uint64_t distance = address < 0 ? -(uint64_t)address : (uint64_t)address;
    snprintf(shown.text, sizeof shown.text, "%s0x%" PRIx64, address < 0 ? "-" : "", distance);
    return shown;
}

static void print_header(FILE *out, uint64_t header) {
    fprintf(out, "0x%016" PRIx64 " (%s, size = %" PRIu64 " bytes)\n", header,
            header & HY_LOG_ALLOCATED_BIT ? "allocated" : "free", hy_log_range_size(header));
}

static void print_range(FILE *out, const char *before, const hy_log_line *line) {
    fprintf(out, "%s[%s -> %s) ", before, show_address(line->start).text, show_address(line->end).text);
}

void hy_log_print(FILE *out, const hy_log_line *line) {
    const address_text start = show_address(line->start);
    switch (line->kind) {
    case HY_LOG_INIT: fputs("Simple heap init:\n", out); break;
    case HY_LOG_STORAGE:
        print_range(out, "Storage ", line);
        fprintf(out, "(%" PRId64 " bytes)\n", line->end - line->start);
        break;
    case HY_LOG_HEADER:
        fprintf(out, "[%s] Set header to ", start.text);
        print_header(out, line->header);
        break;
    case HY_LOG_EMPTY: fputc('\n', out); break;
    case HY_LOG_TRYING: fprintf(out, "Trying to allocate %" PRIu64 " bytes\n", line->size); break;
    case HY_LOG_ALLOCATED:
        fprintf(out, "[%s] Memory was allocated, size %" PRIu64 " bytes\n", start.text, line->size);
        break;
    case HY_LOG_FREEING: fprintf(out, "[%s] Freeing allocation\n", start.text); break;
    case HY_LOG_FREED: fprintf(out, "[%s] Memory was freed\n", start.text); break;
    case HY_LOG_EXHAUSTED: fputs("Heap exhausted.\n", out); break;
    case HY_LOG_ROW:
        print_range(out, "  ", line);
        fputs(": ", out);
        print_header(out, line->header);
        break;
    }
}

/* ----------------------------------------------------------------------------------------------------- reading ---- */

/* Takes `word` off the front of *text.  False: something else stands there. */
static bool take_word(const char **text, const char *word) {
    const size_t size = strlen(word);
    if (strncmp(*text, word, size) != 0)
        return false;
    *text += size;
    return true;
}

/* Digits of a base up to what is no digit; no sign, no blanks, no overflow. */
static bool take_number(const char **text, int base, uint64_t *ret) {
    static const char digits[] = "0123456789abcdef";
    uint64_t number = 0;
    const char *at = *text;
    for (const char *digit; *at && (digit = memchr(digits, *at, (size_t)base)) != NULL; at++)
        if (__builtin_mul_overflow(number, (uint64_t)base, &number) ||
            __builtin_add_overflow(number, (uint64_t)(digit - digits), &number))
            return false;
    if (at == *text)
        return false;
    *text = at;
    *ret = number;
    return true;
}

static bool take_address(const char **text, int64_t *ret) {
    uint64_t distance = 0;
    const bool below = take_word(text, "-");
    if (!take_word(text, "0x") || !take_number(text, 16, &distance) || distance > INT64_MAX)
        return false;
    *ret = below ? -(int64_t)distance : (int64_t)distance;
    return true;
}

/* "[START -> END) " */
static bool take_range(const char **text, hy_log_line *line) {
    return take_word(text, "[") && take_address(text, &line->start) && take_word(text, " -> ") &&
           take_address(text, &line->end) && take_word(text, ") ");
}

/* "0x… (free, size = N bytes)", to the end of the line. */
static bool take_header(const char **text, uint64_t *ret_header) {
    uint64_t header = 0, size = 0;
    if (!take_word(text, "0x") || strspn(*text, "0123456789abcdef") != 16 || !take_number(text, 16, &header))
        return false;
    const char *const state = header & HY_LOG_ALLOCATED_BIT ? " (allocated, size = " : " (free, size = ";
    if (!take_word(text, state) || !take_number(text, 10, &size) || !take_word(text, " bytes)"))
        return false;
    *ret_header = header;
    return size == hy_log_range_size(header) || size == (uint32_t)header;
}

static bool parse_row(const char *text, hy_log_line *line) {
    line->kind = HY_LOG_ROW;
    return take_word(&text, "  ") && take_range(&text, line) && take_word(&text, ": ") &&
           take_header(&text, &line->header) && !*text && line->end >= line->start &&
           (uint64_t)line->end - (uint64_t)line->start == hy_log_range_size(line->header);
}

static bool parse_storage(const char *text, hy_log_line *line) {
    uint64_t size = 0;
    line->kind = HY_LOG_STORAGE;
    return take_word(&text, "Storage ") && take_range(&text, line) && take_word(&text, "(") &&
           take_number(&text, 10, &size) && take_word(&text, " bytes)") && !*text && line->end >= line->start &&
           size == (uint64_t)line->end - (uint64_t)line->start;
}

/* What follows "[ADDRESS] ". */
static bool parse_action(const char *text, hy_log_line *line) {
    if (!take_word(&text, "[") || !take_address(&text, &line->start) || !take_word(&text, "] "))
        return false;
    if (take_word(&text, "Set header to ")) {
        line->kind = HY_LOG_HEADER;
        return take_header(&text, &line->header) && !*text;
    }
    if (take_word(&text, "Memory was allocated, size ")) {
        line->kind = HY_LOG_ALLOCATED;
        return take_number(&text, 10, &line->size) && take_word(&text, " bytes") && !*text;
    }
    line->kind = *text == 'F' ? HY_LOG_FREEING : HY_LOG_FREED;
    return strcmp(text, *text == 'F' ? "Freeing allocation" : "Memory was freed") == 0;
}

static bool parse_trying(const char *text, hy_log_line *line) {
    line->kind = HY_LOG_TRYING;
    return take_word(&text, "Trying to allocate ") && take_number(&text, 10, &line->size) &&
           strcmp(text, " bytes") == 0;
}

int hy_log_parse(const char *text, hy_log_line *ret_line, hy_error *error) {
    hy_log_line line = {.kind = HY_LOG_EMPTY};
    bool good = true;
    if (strcmp(text, "Simple heap init:") == 0)
        line.kind = HY_LOG_INIT;
    else if (strcmp(text, "Heap exhausted.") == 0)
        line.kind = HY_LOG_EXHAUSTED;
    else if (text[0] == ' ')
        good = parse_row(text, &line);
    else if (text[0] == '[')
        good = parse_action(text, &line);
    else if (text[0] == 'S')
        good = parse_storage(text, &line);
    else if (text[0])
        good = parse_trying(text, &line);
    if (!good)
        return hy_fail(error, -EINVAL, "no line of a range log: \"%.60s\"", text);
    *ret_line = line;
    return 0;
}

/* ------------------------------------------------------------------------------------------------------- files ---- */

static int append(hy_log *log, size_t *room, const hy_log_line *line) {
    if (log->count == *room) {
        *room = *room ? 2 * *room : 64;
        hy_log_line *const grown = realloc(log->lines, *room * sizeof *grown);
        if (!grown)
            return -ENOMEM;
        log->lines = grown;
    }
    log->lines[log->count++] = *line;
    return 0;
}

static int read_line(const char *text, const char *name, hy_log *log, size_t *room, hy_error *error) {
    hy_log_line line;
    hy_error why;
    const int r = hy_log_parse(text, &line, &why);
    if (r < 0)
        return hy_fail(error, r, "%s: line %zu: %s", name, log->count + 1, why.text);
    if (append(log, room, &line) < 0)
        return hy_fail(error, -ENOMEM, "%s: line %zu: no memory for more", name, log->count + 1);
    return 0;
}

int hy_log_read(FILE *in, const char *name, hy_log *ret_log, hy_error *error) {
    hy_log log = {NULL, 0};
    size_t room = 0;
    char text[256];
    int r = 0;
    while (r == 0 && fgets(text, sizeof text, in)) {
        const size_t size = strcspn(text, "\n");
        if (text[size] != '\n' && size + 1 == sizeof text)
            r = hy_fail(error, -EINVAL, "%s: line %zu: longer than any line of a range log", name, log.count + 1);
        text[size] = '\0';
        if (r == 0)
            r = read_line(text, name, &log, &room, error);
    }
    if (r == 0 && ferror(in))
        r = hy_fail(error, -EIO, "%s: cannot be read: %s", name, strerror(errno));
    if (r == 0 && log.count == 0)
        r = hy_fail(error, -EINVAL, "%s: empty; expected a range log", name);
    if (r < 0) {
        hy_log_free(&log);
        return r;
    }
    *ret_log = log;
    return 0;
}

void hy_log_free(hy_log *log) {
    free(log->lines);
    *log = (hy_log){NULL, 0};
}

const hy_log_line *hy_log_last_table(const hy_log *log, size_t *ret_count) {
    size_t end = log->count;
    while (end > 0 && log->lines[end - 1].kind != HY_LOG_ROW)
        end--;
    size_t start = end;
    while (start > 0 && log->lines[start - 1].kind == HY_LOG_ROW)
        start--;
    *ret_count = end - start;
    return end > start ? &log->lines[start] : NULL;
}
