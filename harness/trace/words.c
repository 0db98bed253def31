/* SPDX-License-Identifier: MIT
 *
 * words.c - see words.h.
 */
#include "words.h"

#include "format.h"

#include <errno.h>
#include <string.h>

#define BAD(...) hy_fail(error, -EINVAL, __VA_ARGS__)

char *hy_word_next(char **line) {
    char *const word = *line + strspn(*line, " \t");
    char *const end = word + strcspn(word, " \t");
    *line = *end ? end + 1 : end;
    *end = '\0';
    return word;
}

hy_word_shown hy_word_show(const char *word) {
    hy_word_shown shown;
    hy_text_clean(shown.text, sizeof shown.text, word);
    return shown;
}

/* The value of a digit; 16 if it is none. */
static unsigned digit_of(char c) {
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return (unsigned)(c - 'A') + 10;
    return 16;
}

static int parse(const char *what, const char *word, unsigned base, uint64_t most, uint64_t *ret, hy_error *error) {
    const char *const prefixed = base == 16 && word[0] == '0' && (word[1] == 'x' || word[1] == 'X') ? word + 2 : word;
    const char *const expected = base == 16 ? "a hexadecimal number" : "a number";
    uint64_t number = 0;
    if (word[0] == '\0')
        return BAD("%s is missing", what);
    for (const char *c = prefixed; *c || c == prefixed; c++) {
        const unsigned digit = digit_of(*c);
        if (digit >= base)
            return BAD("%s is \"%s\"; expected %s", what, hy_word_show(word).text, expected);
        if (number > (most - digit) / base)
            return BAD("%s is %s; expected less than 2^%d", what, hy_word_show(word).text,
                       most == UINT64_MAX ? 64 : 63);
        number = base * number + digit;
    }
    *ret = number;
    return 0;
}

int hy_word_number(const char *what, const char *word, uint64_t *ret_number, hy_error *error) {
    return parse(what, word, 10, INT64_MAX, ret_number, error);
}

int hy_word_hex(const char *what, const char *word, uint64_t *ret_number, hy_error *error) {
    return parse(what, word, 16, INT64_MAX, ret_number, error);
}

int hy_word_address(const char *what, const char *word, uint64_t *ret_address, hy_error *error) {
    if (strcmp(word, "(nil)") == 0) {
        *ret_address = 0;
        return 0;
    }
    return parse(what, word, 16, UINT64_MAX, ret_address, error);
}
