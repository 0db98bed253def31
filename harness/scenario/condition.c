/* SPDX-License-Identifier: MIT
 *
 * condition.c - which lines of a scenario count on which allocator.
 *
 *  1. A condition is words with blanks between them; all must hold.  "!" in front of a word turns it round.
 *  2. NAME holds if the spec names that allocator or layer; KEY=VALUE if that parameter has this value, given or by
 *     default.  VALUE also stands for VALUE:anything, and "-" for a parameter that does not exist.
 *  3. "|" parts alternatives; behind a KEY= they are values of that key: policy=first|best, simple|policy=first.
 */
#include "scenario.h"

#include <errno.h>
#include <string.h>

typedef struct judge {
    const hy_catalog *catalog;
    hy_spec spec;
} judge;

static hy_text condition_slice(const char *at, const char *end) {
    return (hy_text){at, (size_t)(end - at)};
}

static bool condition_same(hy_text a, hy_text b) {
    return a.size == b.size && memcmp(a.at, b.at, a.size) == 0;
}

/* -------------------------------------------------------------------------------------------------- the spec's ---- */

static const hy_heap_ops *part_table(const judge *self, size_t i) {
    const hy_text name = self->spec.part[i].name;
    const hy_heap_ops *const layer = hy_catalog_layer(self->catalog, name);
    return layer && i + 1 < self->spec.count ? layer : hy_catalog_heap(self->catalog, name);
}

/* The value that part i has for a key, as a user would write it.  False: it has no such parameter. */
static bool part_value(const judge *self, size_t i, hy_text key, char *ret_value) {
    const hy_heap_ops *const ops = part_table(self, i);
    const hy_param *param = ops ? ops->params : NULL;
    while (param && param->name && !hy_text_is(key, param->name))
        param++;
    if (!param || !param->name)
        return false;
    strcpy(ret_value, "");
    if (param->def)
        strncat(ret_value, param->def, HY_TEXT_SIZE - 1);
    hy_text params = self->spec.part[i].params;
    char given_key[HY_TEXT_SIZE], given[HY_TEXT_SIZE];
    while (hy_params_next(&params, given_key, given, NULL) == 1)
        if (strcmp(given_key, param->name) == 0)
            strcpy(ret_value, given);
    return true;
}

static bool name_holds(const judge *self, hy_text name) {
    for (size_t i = 0; i < self->spec.count; i++)
        if (condition_same(self->spec.part[i].name, name))
            return true;
    return false;
}

static bool value_holds(const judge *self, hy_text key, hy_text wanted) {
    char value[HY_TEXT_SIZE];
    bool any = false;
    for (size_t i = 0; i < self->spec.count; i++) {
        if (!part_value(self, i, key, value))
            continue;
        any = true;
        if (hy_text_is(wanted, value) || condition_same(wanted, (hy_text){value, strcspn(value, ":")}))
            return true;
    }
    return !any && hy_text_is(wanted, "-");
}

/* --------------------------------------------------------------------------------------------------- the words ---- */

/* One word without its "!": alternatives. */
static bool word_holds(const judge *self, hy_text word) {
    const char *const end = word.at + word.size;
    hy_text key = {NULL, 0};
    bool holds = false;
    for (const char *at = word.at; at < end;) {
        const char *const bar = memchr(at, '|', (size_t)(end - at));
        const char *const stop = bar ? bar : end;
        const char *const equals = memchr(at, '=', (size_t)(stop - at));
        if (equals)
            key = condition_slice(at, equals);
        const hy_text rest = condition_slice(equals ? equals + 1 : at, stop);
        holds |= key.at ? value_holds(self, key, rest) : name_holds(self, rest);
        at = stop + 1;
    }
    return holds;
}

static hy_text next_word(const char **condition) {
    *condition += strspn(*condition, " ");
    const hy_text word = {*condition, strcspn(*condition, " ")};
    *condition += word.size;
    return word;
}

bool hy_condition_holds(const hy_catalog *catalog, hy_text spec, const char *condition) {
    judge self = {.catalog = catalog};
    bool holds = hy_spec_parse(spec, &self.spec, NULL) == 0;
    for (hy_text word = next_word(&condition); holds && word.size; word = next_word(&condition)) {
        const bool turned = word.at[0] == '!';
        holds = word_holds(&self, (hy_text){word.at + turned, word.size - turned}) != turned;
    }
    return holds;
}

/* Each alternative is something, and something stands on both sides of "=". */
static bool word_is_sound(hy_text word) {
    size_t part = 0;
    for (size_t i = word.at[0] == '!'; i <= word.size; i++) {
        const char c = i < word.size ? word.at[i] : '|';
        if (c == '|' || c == '=') {
            if (part == 0)
                return false;
            part = 0;
        } else {
            part++;
        }
    }
    return true;
}

int hy_condition_check(const char *condition, hy_error *error) {
    const char *rest = condition;
    size_t count = 0;
    for (hy_text word = next_word(&rest); word.size; word = next_word(&rest), count++)
        if (!word_is_sound(word))
            return hy_fail(error, -EINVAL, "\"%.*s\" is no condition; expected NAME or KEY=VALUE, alternatives after |",
                           word.size < 40 ? (int)word.size : 40, word.at);
    return count ? 0 : hy_fail(error, -EINVAL, "a condition without words; expected NAME or KEY=VALUE");
}
