/* SPDX-License-Identifier: MIT
 *
 * param.c - one parameter's value, from text: numbers with units, words, choices.  Freestanding.
 */
#include "spec.h"

#include <errno.h>
#include <string.h>

/* ---------------------------------------------------------------------------------------- numbers with units ---- */

typedef struct unit {
    const char *name;
    uint64_t factor;
} unit;

static const unit size_units[] = {{"", 1},          {"B", 1},
                                  {"K", 1 << 10},   {"M", 1 << 20},
                                  {"G", 1 << 30},   {"T", (uint64_t)1 << 40},
                                  {"KiB", 1 << 10}, {"MiB", 1 << 20},
                                  {"GiB", 1 << 30}, {"TiB", (uint64_t)1 << 40},
                                  {"k", 1 << 10},   {"m", 1 << 20},
                                  {"g", 1 << 30},   {NULL, 0}};
static const unit time_units[] = {{"", 1},
                                  {"ns", 1},
                                  {"us", 1000},
                                  {"µs", 1000},
                                  {"ms", 1000000},
                                  {"s", 1000000000},
                                  {"m", (uint64_t)60 * 1000000000},
                                  {"h", (uint64_t)3600 * 1000000000},
                                  {NULL, 0}};
static const unit no_units[] = {{"", 1}, {NULL, 0}};
static const unit real_units[] = {{"", HY_RULE_REAL}, {"%", HY_RULE_REAL / 100}, {NULL, 0}}; /* in millionths */

static int digit_of(char c, unsigned base) {
    const int d = c >= '0' && c <= '9'   ? c - '0'
                  : c >= 'a' && c <= 'f' ? c - 'a' + 10
                  : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                         : 99;
    return d < (int)base ? d : -1;
}

/* Digits from *text on; at least one. */
static int parse_digits(const char **text, unsigned base, uint64_t *ret) {
    uint64_t n = 0;
    if (digit_of(**text, base) < 0)
        return -EINVAL;
    for (; digit_of(**text, base) >= 0; ++*text) {
        if (__builtin_mul_overflow(n, base, &n) || __builtin_add_overflow(n, (uint64_t)digit_of(**text, base), &n))
            return -ERANGE;
    }
    *ret = n;
    return 0;
}

/* "5" after the point of "1.5": the fraction in millionths. */
static uint64_t parse_fraction(const char **text) {
    uint64_t millionths = 0, place = 100000;
    for (++*text; **text >= '0' && **text <= '9'; ++*text, place /= 10)
        millionths += (uint64_t)(**text - '0') * place;
    return millionths;
}

static int parse_number(const char *text, const unit *units, uint64_t *ret) {
    uint64_t whole = 0, millionths = 0;
    const bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    text += hex ? 2 : 0;
    const int r = parse_digits(&text, hex ? 16 : 10, &whole);
    if (r < 0)
        return r;
    if (!hex && *text == '.' && text[1] >= '0' && text[1] <= '9' && units[1].name)
        millionths = parse_fraction(&text);
    while (units->name && strcmp(units->name, text) != 0)
        units++;
    if (!units->name || (millionths > 0 && units->factor == 1)) /* there is no half of a byte */
        return -EINVAL;
    const uint64_t part = units->factor / 1000000 * millionths + units->factor % 1000000 * millionths / 1000000;
    if (__builtin_mul_overflow(whole, units->factor, &whole) || __builtin_add_overflow(whole, part, &whole))
        return -ERANGE;
    *ret = whole;
    return 0;
}

int hy_parse_size(const char *text, uint64_t *ret_bytes) {
    return parse_number(text, size_units, ret_bytes);
}

int hy_parse_count(const char *text, uint64_t *ret_count) {
    return parse_number(text, no_units, ret_count);
}

int hy_parse_time(const char *text, uint64_t *ret_nanoseconds) {
    return parse_number(text, time_units, ret_nanoseconds);
}

/* ------------------------------------------------------------------------------------------------------ words ---- */

static int parse_bool(const char *text, bool *ret) {
    static const char *const yes[] = {"1", "yes", "on", "true", NULL};
    static const char *const no[] = {"0", "no", "off", "false", NULL};
    for (size_t i = 0; yes[i]; i++) {
        if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0) {
            *ret = strcmp(text, yes[i]) == 0;
            return 0;
        }
    }
    return -EINVAL;
}

static int refuse_choice(const hy_param *param, const char *owner, const char *value, const char *nearest,
                         hy_error *error) {
    hy_error list = {""};
    for (size_t i = 0; param->choices[i]; i++) {
        const hy_error before = list;
        hy_fail_parts(&list, 0, before.text, i ? ", " : "", param->choices[i], NULL);
    }
    return hy_fail_parts(error, -EINVAL, owner, ":", param->name, "=", value, ": expected one of ", list.text,
                         nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "", NULL);
}

static int parse_choice(const hy_param *param, const char *owner, const char *value, uint32_t *ret, hy_error *error) {
    for (uint32_t i = 0; param->choices[i]; i++) {
        if (strcmp(param->choices[i], value) == 0) {
            *ret = i;
            return 0;
        }
    }
    return refuse_choice(param, owner, value, hy_nearest(value, strlen(value), param->choices), error);
}

static int parse_text(const hy_param *param, const char *owner, const char *value, char *ret, hy_error *error) {
    const size_t size = strlen(value);
    if (size >= HY_TEXT_SIZE)
        return hy_fail_parts(error, -EINVAL, owner, ":", param->name, ": a text has at most 255 characters", NULL);
    memcpy(ret, value, size + 1);
    return 0;
}

/* ------------------------------------------------------------------------------------------------------ rules ---- */

/* The kinds of numbers that a rule may take. */
static const struct rule_kind {
    const char *name, *expected, *example;
    const unit *units;
} rule_kinds[] = {
    {"COUNT", "a whole number above 0", "64", no_units},
    {"SIZE", "a size above 0, such as 4096, 64K or 2M", "64K", size_units},
    {"REAL", "a number above 0, such as 0.5 or 50%", "0.5", real_units},
};

#define RULE_KINDS (sizeof rule_kinds / sizeof *rule_kinds)
#define RULES_MAX 32u
#define RULE_WORD 24u

/* The nearest of the choices, by their words alone. */
static const char *nearest_rule(const hy_param *param, hy_text word) {
    char words[RULES_MAX][RULE_WORD];
    const char *list[RULES_MAX + 1] = {NULL};
    for (size_t i = 0; i < RULES_MAX && param->choices[i]; i++) {
        const size_t size = strcspn(param->choices[i], ":");
        const size_t fits = size < RULE_WORD ? size : RULE_WORD - 1;
        memcpy(words[i], param->choices[i], fits);
        words[i][fits] = '\0';
        list[i] = words[i];
    }
    const char *const nearest = hy_nearest(word.at, word.size, list);
    for (size_t i = 0; nearest && list[i]; i++)
        if (nearest == list[i])
            return param->choices[i];
    return NULL;
}

static int refuse_rule(const hy_param *param, const char *owner, const char *value, const char *says,
                       const struct rule_kind *kind, hy_error *error) {
    const hy_text word = {value, strcspn(value, ":")};
    char shown[HY_TEXT_SIZE] = "";
    strncat(shown, word.at, word.size < sizeof shown ? word.size : sizeof shown - 1);
    return hy_fail_parts(error, -EINVAL, owner, ":", param->name, "=", value, says, kind ? ", as in " : "",
                         kind ? shown : "", kind ? ":" : "", kind ? kind->example : "", NULL);
}

/* The number behind the colon of `value`, as `choice` says. */
static int parse_rule_number(const hy_param *param, const char *owner, const char *choice, const char *value,
                             uint64_t *ret, hy_error *error) {
    const char *const wanted = strchr(choice, ':'), *const given = strchr(value, ':');
    if (!wanted)
        return given ? refuse_rule(param, owner, value, ": this takes no number", NULL, error) : 0;
    size_t i = 0;
    while (i < RULE_KINDS && strcmp(rule_kinds[i].name, wanted + 1) != 0)
        i++;
    if (i == RULE_KINDS)
        return hy_fail_parts(error, -EINVAL, owner, ":", param->name, " has a choice of an unknown kind", NULL);
    const struct rule_kind *const kind = &rule_kinds[i];
    if (!given || !given[1])
        return refuse_rule(param, owner, value, ": a number is missing", kind, error);
    if (parse_number(given + 1, kind->units, ret) < 0 || *ret == 0 || *ret > PTRDIFF_MAX)
        return hy_fail_parts(error, -EINVAL, owner, ":", param->name, "=", value, ": expected ", kind->expected, NULL);
    return 0;
}

static int parse_rule(const hy_param *param, const char *owner, const char *value, hy_rule *ret, hy_error *error) {
    const hy_text word = {value, strcspn(value, ":")};
    hy_rule rule = {0, 0};
    for (; param->choices[rule.choice]; rule.choice++) {
        const char *const choice = param->choices[rule.choice];
        if (strcspn(choice, ":") != word.size || memcmp(choice, word.at, word.size) != 0)
            continue;
        const int r = parse_rule_number(param, owner, choice, value, &rule.number, error);
        if (r == 0)
            *ret = rule;
        return r;
    }
    return refuse_choice(param, owner, value, nearest_rule(param, word), error);
}

/* ---------------------------------------------------------------------------------------------- one parameter ---- */

/* The decimal digits of n, for sentences. */
static const char *digits(uint64_t n, char room[24]) {
    char *p = room + 23;
    *p = '\0';
    do
        *--p = (char)('0' + n % 10);
    while (n /= 10);
    return p;
}

static int refuse_value(const hy_param *param, const char *owner, const char *value, const char *expected,
                        hy_error *error) {
    return hy_fail_parts(error, -EINVAL, owner, ":", param->name, "=", value, ": expected ", expected, NULL);
}

static int check_range(const hy_param *param, const char *owner, const char *value, uint64_t n, hy_error *error) {
    char low[24], high[24];
    if ((param->min == 0 && param->max == 0) || (n >= param->min && n <= param->max))
        return 0;
    return hy_fail_parts(error, -EINVAL, owner, ":", param->name, "=", value, ": expected ", digits(param->min, low),
                         " to ", digits(param->max, high), NULL);
}

/* Limits of a share are whole percents in what is said. */
static int check_share(const hy_param *param, const char *owner, const char *value, uint64_t n, hy_error *error) {
    char low[24], high[24];
    if ((param->min == 0 && param->max == 0) || (n >= param->min && n <= param->max))
        return 0;
    return hy_fail_parts(error, -EINVAL, owner, ":", param->name, "=", value, ": expected ",
                         digits(param->min / (HY_RULE_REAL / 100), low), "% to ",
                         digits(param->max / (HY_RULE_REAL / 100), high), "%", NULL);
}

int hy_param_set(const hy_param *param, const char *owner, const char *value, void *params, hy_error *error) {
    void *const field = (char *)params + param->offset;
    uint64_t n = 0;
    bool flag = false;
    switch (param->type) {
    case HY_PARAM_SIZE:
        if (hy_parse_size(value, &n) < 0 || n > PTRDIFF_MAX)
            return refuse_value(param, owner, value, "a size such as 4096, 64K or 2M", error);
        memcpy(field, &n, sizeof(size_t));
        return check_range(param, owner, value, n, error);
    case HY_PARAM_COUNT:
        if (hy_parse_count(value, &n) < 0)
            return refuse_value(param, owner, value, "a whole number", error);
        memcpy(field, &n, sizeof n);
        return check_range(param, owner, value, n, error);
    case HY_PARAM_TIME:
        if (hy_parse_time(value, &n) < 0)
            return refuse_value(param, owner, value, "a time such as 500us, 2ms or 1s", error);
        memcpy(field, &n, sizeof n);
        return check_range(param, owner, value, n, error);
    case HY_PARAM_SHARE:
        if (parse_number(value, real_units, &n) < 0)
            return refuse_value(param, owner, value, "a part such as 25% or 0.25", error);
        memcpy(field, &n, sizeof n);
        return check_share(param, owner, value, n, error);
    case HY_PARAM_BOOL:
        if (parse_bool(value, &flag) < 0)
            return refuse_value(param, owner, value, "yes or no", error);
        memcpy(field, &flag, sizeof flag);
        return 0;
    case HY_PARAM_CHOICE: return parse_choice(param, owner, value, field, error);
    case HY_PARAM_TEXT: return parse_text(param, owner, value, field, error);
    case HY_PARAM_RULE: return parse_rule(param, owner, value, field, error);
    }
    return hy_fail_parts(error, -EINVAL, owner, ":", param->name, " has an unknown type", NULL);
}
