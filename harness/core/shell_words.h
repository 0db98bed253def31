/* SPDX-License-Identifier: MIT
 *
 * shell_words.h - words of a command as one line that a shell would read back, and back again.
 *
 * Only what needs it is quoted, in single quotes: "-a 'fit:x=1;y'" but "traces/jq.hyt".
 */
#ifndef HY_SHELL_WORDS_H
#define HY_SHELL_WORDS_H

#include <stddef.h>

/* Adds the word to a line of `size` bytes, parted from what is there by a space.  Too long a line is cut. */
void hy_shell_add(char *line, size_t size, const char *word);

/* The words of such a line: an array that ends with NULL, one block with them, to be freed.  A quote that never ends
 * reaches to the end; NULL: no memory. */
char **hy_shell_split(const char *line, size_t *ret_count);

#endif
