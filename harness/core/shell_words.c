/* SPDX-License-Identifier: MIT
 *
 * shell_words.c - see shell_words.h.
 *
 * Inside single quotes a shell takes every character for itself; a single quote is written '\'' there: the quotes end,
 * a quote that a backslash keeps plain, and they begin again.
 */
#include "shell_words.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%^";

static void shell_put(char *line, size_t size, const char *text) {
    const size_t used = strlen(line), more = strlen(text), room = size - used - 1;
    memcpy(line + used, text, more < room ? more : room);
    line[used + (more < room ? more : room)] = '\0';
}

void hy_shell_add(char *line, size_t size, const char *word) {
    if (line[0])
        shell_put(line, size, " ");
    if (word[0] && word[strspn(word, plain)] == '\0') {
        shell_put(line, size, word);
        return;
    }
    shell_put(line, size, "'");
    for (const char *at = word; *at; at++) {
        const char letter[] = {*at, '\0'};
        shell_put(line, size, *at == '\'' ? "'\\''" : letter);
    }
    shell_put(line, size, "'");
}

/* Copies the word at `at` without its quotes; returns what follows it. */
static const char *shell_take(const char *at, char **to) {
    bool quoted = false;
    for (; *at && (quoted || *at != ' '); at++) {
        if (*at == '\'')
            quoted = !quoted;
        else if (!quoted && *at == '\\' && at[1])
            *(*to)++ = *++at;
        else
            *(*to)++ = *at;
    }
    *(*to)++ = '\0';
    return at;
}

char **hy_shell_split(const char *line, size_t *ret_count) {
    const size_t size = strlen(line), most = size / 2 + 2;
    char **const words = malloc(most * sizeof *words + size + 1);
    if (!words)
        return NULL;
    char *to = (char *)(words + most);
    size_t count = 0;
    for (const char *at = line + strspn(line, " "); *at; at += strspn(at, " ")) {
        words[count++] = to;
        at = shell_take(at, &to);
    }
    words[count] = NULL;
    *ret_count = count;
    return words;
}
