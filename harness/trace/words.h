/* SPDX-License-Identifier: MIT
 *
 * words.h - a line of text taken apart: words between blanks, and the numbers that they are.
 */
#ifndef HY_WORDS_H
#define HY_WORDS_H

#include "error.h"

#include <stdint.h>

/* The next word, terminated in place; "" at the end of the line. */
char *hy_word_next(char **line);

/* As much of a word as a sentence takes, without control characters. */
typedef struct hy_word_shown {
    char text[44];
} hy_word_shown;
hy_word_shown hy_word_show(const char *word);

/* Below 2^63, decimal.  0, or -EINVAL with a part of a sentence, which says `what` it is the number of. */
int hy_word_number(const char *what, const char *word, uint64_t *ret_number, hy_error *error);
/* Below 2^63, hexadecimal, with 0x in front or without. */
int hy_word_hex(const char *what, const char *word, uint64_t *ret_number, hy_error *error);
/* Below 2^64, hexadecimal, with 0x in front or without; 0 also as "(nil)". */
int hy_word_address(const char *what, const char *word, uint64_t *ret_address, hy_error *error);

#endif
