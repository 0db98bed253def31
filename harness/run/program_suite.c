/* SPDX-License-Identifier: MIT
 *
 * program_suite.c - the text of a suite (see program_suite.h).
 *
 *   1. A line is a key and its value; blanks around both do not count.  Empty lines and those that begin with # are
 *      skipped.
 *   2. `program` begins a program; a table says what each other key takes: text as it stands, words, or a number.
 *   3. A command is one program.  What would make a shell start several, or send its output elsewhere, is refused
 *      here, since the words alone are taken from it.
 */
#include "program_suite.h"

#include "shell_words.h"
#include "spec.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_PROGRAMS 1000
#define MOST_LINE 65536
#define MOST_NAME 64
#define MOST_THREADS 1024

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

typedef struct parser {
    const char *file;
    unsigned line;
    hy_suite *suite;
    unsigned seen[16]; /* by key: the line where the program that is read has it; 0: not yet */
    hy_error *error;
} parser;

__attribute__((format(printf, 2, 3))) static int parser_fail(const parser *p, const char *format, ...) {
    char sentence[400];
    va_list list;
    va_start(list, format);
    vsnprintf(sentence, sizeof sentence, format, list);
    va_end(list);
    return hy_fail(p->error, -EINVAL, "%.90s:%u: %s", p->file, p->line, sentence);
}

static void *parser_must(void *memory) {
    if (!memory)
        abort();
    return memory;
}

/* ------------------------------------------------------------------------------------------------------ values ---- */

/* Whether text is there and of these characters and letters only, the first of them a letter. */
static bool is_made_of(const char *text, size_t size, const char *others) {
    if (size == 0 || !strchr(letters, text[0]))
        return false;
    for (size_t i = 0; i < size; i++)
        if (!strchr(letters, text[i]) && !strchr(others, text[i]))
            return false;
    return true;
}

static bool is_package(const char *word) {
    return is_made_of(word, strlen(word), "+-.");
}

static bool is_setting(const char *word) {
    static const char digits[] = "0123456789";
    const char *const equals = strchr(word, '=');
    const size_t size = equals ? (size_t)(equals - word) : 0;
    for (size_t i = 0; i < size; i++)
        if (!strchr(letters, word[i]) && word[i] != '_')
            return false;
    return size > 0 && !strchr(digits, word[0]);
}

/* Of a file inside the program's folder. */
static bool is_inside(const char *word) {
    const size_t size = strlen(word);
    const bool above = strcmp(word, "..") == 0 || strncmp(word, "../", 3) == 0 || strstr(word, "/../") ||
                       (size > 3 && strcmp(word + size - 3, "/..") == 0);
    return size > 0 && word[0] != '/' && !above;
}

/* An executable, by the name that it is started by. */
static bool is_worker(const char *word) {
    return word[0] != '\0';
}

static int parse_words(const parser *p, const char *value, bool (*is_right)(const char *), const char *expected,
                       hy_suite_words *ret_words) {
    hy_suite_words words = {NULL, 0};
    words.word = parser_must(hy_shell_split(value, &words.count));
    for (size_t i = 0; i < words.count; i++)
        if (!is_right(words.word[i])) {
            const int r = parser_fail(p, "\"%.100s\"; expected %s", words.word[i], expected);
            free(words.word);
            return r;
        }
    *ret_words = words;
    return 0;
}

/* The first character that is more than words to a shell, or 0; what $( ) holds is its own. */
static char find_operator(const char *command) {
    char quote = 0;
    unsigned depth = 0;
    for (const char *at = command; *at; at++) {
        if (quote == '\'') {
            quote = *at == '\'' ? 0 : quote;
        } else if (*at == '\\' && at[1]) {
            at++;
        } else if (quote) {
            quote = *at == '"' ? 0 : quote;
        } else if (*at == '\'' || *at == '"') {
            quote = *at;
        } else if (*at == '$' && at[1] == '(') {
            depth++;
            at++;
        } else if (*at == ')' && depth > 0) {
            depth--;
        } else if (depth == 0 && strchr("|&;<>()#", *at) && (*at != '#' || at == command || at[-1] == ' ')) {
            return *at;
        }
    }
    return quote;
}

static int parse_command(const parser *p, const char *value) {
    const char found = find_operator(value);
    if (found == '\'' || found == '"')
        return parser_fail(p, "a %c that never ends; expected the words of a command", found);
    if (found)
        return parser_fail(p, "an unquoted \"%c\"; expected one program and its words, as in sh -c '…'", found);
    return 0;
}

static int parse_check(const parser *p, const char *value, hy_suite_program *program) {
    hy_suite_words words;
    words.word = parser_must(hy_shell_split(value, &words.count));
    const bool output = words.count > 0 && strcmp(words.word[0], "output") == 0;
    const size_t at = output;
    const bool none = words.count == 1 && strcmp(words.word[0], "none") == 0;
    const bool files = words.count > at + 1 && strcmp(words.word[at], "files") == 0;
    if (!none && !files && !(output && words.count == 1)) {
        free(words.word);
        return parser_fail(p, "check \"%.100s\"; expected output, files NAME …, output files NAME …, or none", value);
    }
    program->output = output;
    if (files) { /* the array's end, NULL too, moves to its front */
        words.count -= at + 1;
        memmove(words.word, words.word + at + 1, (words.count + 1) * sizeof *words.word);
        program->files = words;
    } else {
        free(words.word);
    }
    for (size_t i = 0; files && i < words.count; i++)
        if (!is_inside(words.word[i]))
            return parser_fail(p, "\"%.100s\"; expected files of the program's folder", words.word[i]);
    return 0;
}

static int parse_threads(const parser *p, const char *value, hy_suite_program *program) {
    uint64_t threads = 0;
    if (hy_parse_count(value, &threads) < 0 || threads < 1 || threads > MOST_THREADS)
        return parser_fail(p, "threads \"%.100s\"; expected 1 to %d", value, MOST_THREADS);
    program->threads = (unsigned)threads;
    return 0;
}

/* -------------------------------------------------------------------------------------------------------- keys ---- */

enum {
    KEY_PACKAGES,
    KEY_INPUT,
    KEY_ENVIRONMENT,
    KEY_BEFORE,
    KEY_COMMAND,
    KEY_STDIN,
    KEY_WORKER,
    KEY_CHECK,
    KEY_FILTER,
    KEY_THREADS,
    KEY_TRACE,
    KEY_PROGRAM,
    KEYS
};

static const char *const keys[KEYS + 1] = {
    [KEY_PACKAGES] = "packages", [KEY_INPUT] = "input",     [KEY_ENVIRONMENT] = "environment",
    [KEY_BEFORE] = "before",     [KEY_COMMAND] = "command", [KEY_STDIN] = "stdin",
    [KEY_WORKER] = "worker",     [KEY_CHECK] = "check",     [KEY_FILTER] = "filter",
    [KEY_THREADS] = "threads",   [KEY_TRACE] = "trace",     [KEY_PROGRAM] = "program"};

static int parse_value(const parser *p, int key, char *value, hy_suite_program *program) {
    char **text = NULL;
    switch (key) {
    case KEY_PACKAGES: return parse_words(p, value, is_package, "names of Debian packages", &program->packages);
    case KEY_ENVIRONMENT: return parse_words(p, value, is_setting, "NAME=VALUE …", &program->environment);
    case KEY_WORKER: return parse_words(p, value, is_worker, "names of executables", &program->workers);
    case KEY_CHECK: return parse_check(p, value, program);
    case KEY_THREADS: return parse_threads(p, value, program);
    case KEY_STDIN:
        if (!is_inside(value))
            return parser_fail(p, "\"%.100s\"; expected a file of the program's folder", value);
        text = &program->input_file;
        break;
    case KEY_COMMAND: text = &program->command; break;
    case KEY_INPUT: text = &program->input; break;
    case KEY_BEFORE: text = &program->before; break;
    case KEY_FILTER: text = &program->filter; break;
    default: text = &program->trace; break;
    }
    *text = parser_must(strdup(value));
    return key == KEY_COMMAND ? parse_command(p, value) : 0;
}

/* ---------------------------------------------------------------------------------------------------- programs ---- */

static bool is_shell(const char *command) {
    static const char *const shells[] = {"sh", "bash", "dash", NULL};
    const size_t size = strcspn(command, " \t");
    const char *const slash = memrchr(command, '/', size);
    const char *const name = slash ? slash + 1 : command;
    for (int i = 0; shells[i]; i++)
        if (strlen(shells[i]) == size - (size_t)(name - command) && strncmp(name, shells[i], strlen(shells[i])) == 0)
            return true;
    return false;
}

/* The last program of all has ended: what only the whole of it shows. */
static int finish_program(const parser *p) {
    if (p->suite->count == 0)
        return 0;
    const hy_suite_program *const program = &p->suite->program[p->suite->count - 1];
    const parser there = {.file = p->file, .line = program->line, .error = p->error};
    if (!program->command)
        return parser_fail(&there, "program %s has no command; expected a line \"command PROGRAM …\"", program->name);
    if (program->filter && !program->output && program->files.count == 0)
        return parser_fail(&there,
                           "program %s has a filter, but nothing is checked; expected \"check output\" or files",
                           program->name);
    if (is_shell(program->command) && program->workers.count == 0)
        return parser_fail(&there,
                           "program %s is run by a shell; expected a line \"worker NAME …\" with the executables that "
                           "do the work",
                           program->name);
    return 0;
}

static int begin_program(parser *p, const char *name) {
    hy_suite *const suite = p->suite;
    const int r = finish_program(p);
    if (r < 0)
        return r;
    if (!is_made_of(name, strlen(name), "._-") || strlen(name) > MOST_NAME)
        return parser_fail(p,
                           "program \"%.100s\"; expected a name of letters, digits, \".\", \"_\" and \"-\", at most %d",
                           name, MOST_NAME);
    const hy_suite_program *const same = hy_suite_find(suite, name);
    if (same)
        return parser_fail(p, "program %s again; line %u has it already", name, same->line);
    if (suite->count == MOST_PROGRAMS)
        return parser_fail(p, "one program more than %d; expected fewer", MOST_PROGRAMS);
    suite->program = parser_must(realloc(suite->program, (suite->count + 1) * sizeof *suite->program));
    suite->program[suite->count++] =
        (hy_suite_program){.line = p->line, .name = parser_must(strdup(name)), .output = true, .threads = 1};
    memset(p->seen, 0, sizeof p->seen);
    return 0;
}

static int find_key(const parser *p, const char *word) {
    for (int key = 0; key < KEYS; key++)
        if (strcmp(word, keys[key]) == 0)
            return key;
    const char *const otherwise = "expected program, command, input, packages, check …";
    return parser_fail(p, "unknown key \"%.60s\"%s", word, hy_did_you_mean(word, strlen(word), keys, otherwise).text);
}

static int parse_line(parser *p, char *word, char *value) {
    const int key = find_key(p, word);
    if (key < 0)
        return key;
    if (!value[0])
        return parser_fail(p, "%s without a value; expected it on the same line", word);
    if (key == KEY_PROGRAM)
        return begin_program(p, value);
    if (p->suite->count == 0)
        return parser_fail(p, "%s before the first program; expected a line \"program NAME\"", word);
    if (p->seen[key])
        return parser_fail(p, "%s again; line %u has it already", word, p->seen[key]);
    p->seen[key] = p->line;
    return parse_value(p, key, value, &p->suite->program[p->suite->count - 1]);
}

/* ------------------------------------------------------------------------------------------------------- lines ---- */

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

static int split_line(parser *p, char *line) {
    char *end = line + strlen(line);
    while (end > line && is_blank(end[-1]))
        *--end = '\0';
    while (is_blank(*line))
        line++;
    if (!line[0] || line[0] == '#')
        return 0;
    char *value = line + strcspn(line, " \t\r");
    while (is_blank(*value))
        *value++ = '\0';
    return parse_line(p, line, value);
}

static int check_text(parser *p, const char *line, size_t size) {
    if (size > MOST_LINE)
        return parser_fail(p, "a line of %zu bytes; expected at most %d", size, MOST_LINE);
    for (size_t i = 0; i < size; i++)
        if (((unsigned char)line[i] < 0x20 && !is_blank(line[i])) || line[i] == 0x7f)
            return parser_fail(p, "character %zu is no text", i + 1);
    return 0;
}

static int parse_all(parser *p, const char *text, size_t size) {
    int r = 0;
    for (size_t at = 0; r == 0 && at < size;) {
        const char *const end = memchr(text + at, '\n', size - at);
        const size_t length = end ? (size_t)(end - text) - at : size - at;
        p->line++;
        r = check_text(p, text + at, length);
        if (r == 0) {
            char *const line = parser_must(strndup(text + at, length));
            r = split_line(p, line);
            free(line);
        }
        at += length + 1;
    }
    if (r == 0)
        r = finish_program(p);
    if (r == 0 && p->suite->count == 0)
        return hy_fail(p->error, -EINVAL, "%.90s: no programs; expected lines \"program NAME\" and \"command …\"",
                       p->file);
    return r;
}

int hy_suite_parse(const char *text, size_t size, const char *file, hy_suite *ret_suite, hy_error *error) {
    hy_suite suite = {NULL, 0};
    parser p = {.file = file, .suite = &suite, .error = error};
    const int r = parse_all(&p, text, size);
    if (r < 0)
        hy_suite_free(&suite);
    else
        *ret_suite = suite;
    return r;
}

const hy_suite_program *hy_suite_find(const hy_suite *suite, const char *name) {
    for (size_t i = 0; i < suite->count; i++)
        if (strcmp(suite->program[i].name, name) == 0)
            return &suite->program[i];
    return NULL;
}

void hy_suite_free(hy_suite *suite) {
    for (size_t i = 0; i < suite->count; i++) {
        hy_suite_program *const p = &suite->program[i];
        void *const parts[] = {p->name,        p->input,         p->trace,  p->command,    p->input_file,
                               p->before,      p->packages.word, p->filter, p->files.word, p->environment.word,
                               p->workers.word};
        for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
            free(parts[k]);
    }
    free(suite->program);
    *suite = (hy_suite){NULL, 0};
}
