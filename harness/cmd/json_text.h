/* SPDX-License-Identifier: MIT
 *
 * json_text.h - text of unknown origin (names of files, what a crashing allocator said) for JSON.
 */
#ifndef HY_JSON_TEXT_H
#define HY_JSON_TEXT_H

#include <jansson.h>

/* JSON has only UTF-8; a row should not be lost for a name. */
static inline json_t *cmd_json_text(const char *text) {
    json_t *const whole = json_string(text);
    return whole ? whole : json_string("(not UTF-8)");
}

#endif
