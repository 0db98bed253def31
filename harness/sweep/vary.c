/* SPDX-License-Identifier: MIT
 *
 * vary.c - the grammar of variations (see vary.h).
 *
 *  1. An item with an unescaped ".." is a range if the parameter has numbers: a count, a size, a time, or a rule whose
 *     word takes a number.  For all others it is a value like any other (a path may hold "..").
 *  2. Both ends are parsed as the parameter's own values are, so units mean the same.
 *  3. Values are written with the largest unit that divides them, so that 4K..1M gives 4K, 8K … 1M.
 */
#include "vary.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_SIZE 64 /* a number's text */
#define MILLION 1000000u

typedef enum kind { KIND_NONE, KIND_COUNT, KIND_SIZE, KIND_TIME, KIND_REAL } kind;

static const struct {
    const char *range, *step;
} examples[] = {[KIND_COUNT] = {"1..64", "+4"},
                [KIND_SIZE] = {"4K..1M", "+64K"},
                [KIND_TIME] = {"1ms..1s", "+100ms"},
                [KIND_REAL] = {"0.1..10", "+0.5"}};

/* An item taken apart. */
typedef struct span {
    hy_text item, word; /* word: with its colon; empty: none */
    char from_text[NUMBER_SIZE], to_text[NUMBER_SIZE], step_text[NUMBER_SIZE];
    kind kind;
    char step; /* '*', '+' or '/' */
    uint64_t from, to, by;
} span;

/* ------------------------------------------------------------------------------------------------------- slices ----
 */

/* The offset of the first unescaped `what` in the text, or its size. */
static size_t text_where(hy_text text, const char *what) {
    const size_t size = strlen(what);
    for (size_t i = 0; i + size <= text.size; i++) {
        if (text.at[i] == '\\')
            i++;
        else if (memcmp(text.at + i, what, size) == 0)
            return i;
    }
    return text.size;
}

/* False: too long. */
static bool text_copy(hy_text text, char ret[NUMBER_SIZE]) {
    if (text.size >= NUMBER_SIZE)
        return false;
    memcpy(ret, text.at, text.size);
    ret[text.size] = '\0';
    return true;
}

/* "KEY=ITEM: what is wrong" */
static int vary_refuse(const hy_vary *vary, hy_text item, const char *wrong, hy_error *error) {
    return hy_fail(error, -EINVAL, "%.*s=%.*s: %s", (int)vary->key.size, vary->key.at, (int)item.size, item.at, wrong);
}

int hy_vary_parse(hy_text text, hy_vary *ret_vary, hy_error *error) {
    const size_t equals = hy_text_find(text, "=");
    const hy_vary vary = {hy_text_to(text, equals), hy_text_from(text, equals + 1)};
    if (equals == 0 || equals == text.size || memchr(text.at, '\0', text.size) || hy_text_find(vary.key, ",") < equals)
        return hy_fail(error, -EINVAL,
                       "\"%.*s\" varies nothing; expected KEY=VALUE,VALUE,… as in merge=never,immediate",
                       (int)text.size, text.at);
    for (hy_text rest = vary.items;;) {
        const size_t comma = hy_text_find(rest, ",");
        if (comma == 0)
            return hy_fail(error, -EINVAL, "\"%.*s\": a value is missing; expected KEY=VALUE,VALUE,…", (int)text.size,
                           text.at);
        if (comma == rest.size)
            break;
        rest = hy_text_from(rest, comma + 1);
    }
    *ret_vary = vary;
    return 0;
}

/* -------------------------------------------------------------------------------------------------------- kinds ----
 */

/* Of the number that follows `word` (with its colon) in a rule: its choices are spelled "never", "every:COUNT". */
static kind rule_kind(const hy_param *param, hy_text word) {
    for (const char *const *choice = param->choices; *choice; choice++) {
        if (strncmp(*choice, word.at, word.size) != 0)
            continue;
        const char *const name = *choice + word.size;
        return strcmp(name, "COUNT") == 0  ? KIND_COUNT
               : strcmp(name, "SIZE") == 0 ? KIND_SIZE
               : strcmp(name, "REAL") == 0 ? KIND_REAL
                                           : KIND_NONE;
    }
    return KIND_NONE;
}

static bool is_rule(const hy_param *param) {
    for (const char *const *choice = param->choices; choice && *choice; choice++)
        if (strchr(*choice, ':'))
            return true;
    return false;
}

static kind plain_kind(const hy_param *param) {
    switch (param->type) {
    case HY_PARAM_COUNT: return KIND_COUNT;
    case HY_PARAM_SIZE: return KIND_SIZE;
    case HY_PARAM_TIME: return KIND_TIME;
    default: return KIND_NONE;
    }
}

/* "12", "0.5" or "50%", in millionths. */
static int parse_real(const char *text, uint64_t *ret) {
    const size_t digits = strspn(text, "0123456789");
    const size_t fraction = text[digits] == '.' ? 1 + strspn(text + digits + 1, "0123456789") : 0;
    const char *const end = text + digits + fraction;
    const bool percent = *end == '%';
    const double value = strtod(text, NULL) * MILLION / (percent ? 100 : 1);
    if (digits == 0 || fraction == 1 || end[percent] != '\0' || value > 9e15)
        return -EINVAL;
    *ret = (uint64_t)llround(value);
    return 0;
}

static int parse_kind(kind k, const char *text, uint64_t *ret) {
    return k == KIND_COUNT  ? hy_parse_count(text, ret)
           : k == KIND_SIZE ? hy_parse_size(text, ret)
           : k == KIND_TIME ? hy_parse_time(text, ret)
                            : parse_real(text, ret);
}

/* The largest of the units that divides n. */
static int show_unit(uint64_t n, const char *const *units, const uint64_t *factors, size_t count, char *ret) {
    size_t i = count - 1;
    while (i > 0 && (n == 0 || n % factors[i] != 0))
        i--;
    return snprintf(ret, NUMBER_SIZE, "%llu%s", (unsigned long long)(n / factors[i]), n == 0 ? "" : units[i]);
}

static int show_kind(kind k, uint64_t n, char *ret) {
    static const char *const sizes[] = {"", "K", "M", "G"}, *const times[] = {"ns", "us", "ms", "s"};
    static const uint64_t size_factors[] = {1, 1 << 10, 1 << 20, 1 << 30},
                          time_factors[] = {1, 1000, 1000000, 1000000000};
    if (k == KIND_SIZE)
        return show_unit(n, sizes, size_factors, 4, ret);
    if (k == KIND_TIME)
        return show_unit(n, times, time_factors, 4, ret);
    int size = snprintf(ret, NUMBER_SIZE, "%llu", (unsigned long long)(k == KIND_REAL ? n / MILLION : n));
    if (k != KIND_REAL || n % MILLION == 0)
        return size;
    size += snprintf(ret + size, NUMBER_SIZE - (size_t)size, ".%06u", (unsigned)(n % MILLION));
    while (ret[size - 1] == '0')
        ret[--size] = '\0';
    return size;
}

/* ------------------------------------------------------------------------------------------------------- ranges ----
 */

/* Takes apart what is known to have a ".." at `dots`. */
static int span_cut(const hy_vary *vary, span *s, size_t dots, hy_error *error) {
    const size_t start = s->word.size;
    const hy_text rest = hy_text_from(s->item, dots + 2);
    size_t end = 0;
    while (end < rest.size && !strchr("*+/", rest.at[end]))
        end++;
    s->step = end < rest.size ? rest.at[end] : '*';
    const hy_text from = hy_text_to(hy_text_from(s->item, start), dots - start);
    const hy_text step = end < rest.size ? hy_text_from(rest, end + 1) : (hy_text){"2", 1};
    if (!text_copy(from, s->from_text) || !text_copy(hy_text_to(rest, end), s->to_text) ||
        !text_copy(step, s->step_text))
        return vary_refuse(vary, s->item, "a number has fewer than 64 characters", error);
    return 0;
}

static int span_ends(const hy_vary *vary, span *s, hy_error *error) {
    char wrong[3 * NUMBER_SIZE + 96];
    const int word = (int)s->word.size;
    if (parse_kind(s->kind, s->from_text, &s->from) < 0 || parse_kind(s->kind, s->to_text, &s->to) < 0 ||
        s->to > INT64_MAX)
        snprintf(wrong, sizeof wrong, "expected a number at both ends of a range, as in %.*s%s", word, s->word.at,
                 examples[s->kind].range);
    else if (s->from > s->to)
        snprintf(wrong, sizeof wrong, "a range goes upwards; expected %.*s%s..%s", word, s->word.at, s->to_text,
                 s->from_text);
    else
        return 0;
    return vary_refuse(vary, s->item, wrong, error);
}

static int span_step(const hy_vary *vary, span *s, hy_error *error) {
    char wrong[NUMBER_SIZE + 160];
    const char *const example = examples[s->kind].step;
    const uint64_t least = s->step == '+' ? 1 : 2;
    if (parse_kind(s->step == '+' ? s->kind : KIND_COUNT, s->step_text, &s->by) < 0 || s->by < least)
        snprintf(wrong, sizeof wrong,
                 "unknown step \"%c%s\"; expected *2 or more (times), /2 or more (values), or a distance as in %s",
                 s->step, s->step_text, example);
    else if (s->from == 0 && s->step != '+' && s->kind != KIND_COUNT)
        snprintf(wrong, sizeof wrong, "no ratio leads up from 0; expected a start above it, or a distance as in %s",
                 example);
    else
        return 0;
    return vary_refuse(vary, s->item, wrong, error);
}

/* The value in equal ratios, number `i` (from 1 on); after a start of 0 the ratios start at 1. */
static uint64_t span_ratio(const span *s, uint64_t i) {
    const uint64_t start = s->from ? s->from : 1, points = s->from ? s->by : s->by - 1, at = s->from ? i : i - 1;
    if (at + 1 >= points)
        return s->to;
    return (uint64_t)((double)start * pow((double)s->to / (double)start, (double)at / (double)(points - 1)) + 0.5);
}

/* The value after `value`, the number `i` from 1 on; `to` at last. */
static uint64_t span_next(const span *s, uint64_t value, uint64_t i) {
    uint64_t next = 1;
    bool over = false;
    if (s->step == '/')
        next = span_ratio(s, i);
    else if (s->step == '+')
        over = __builtin_add_overflow(value, s->by, &next);
    else if (value > 0)
        over = __builtin_mul_overflow(value, s->by, &next);
    return over || next > s->to ? s->to : next;
}

/* How many values there are, at most HY_VARY_MOST + 1. */
static size_t span_count(const span *s) {
    if (s->step == '/')
        return s->by <= HY_VARY_MOST ? (size_t)s->by : HY_VARY_MOST + 1;
    size_t count = 1;
    for (uint64_t value = s->from; value < s->to && count <= HY_VARY_MOST; count++)
        value = span_next(s, value, count);
    return count;
}

static int span_value(const span *s, uint64_t n, hy_vary_value *each, void *context) {
    char text[HY_TEXT_SIZE];
    if (s->word.size + NUMBER_SIZE > sizeof text)
        return -EINVAL;
    memcpy(text, s->word.at, s->word.size);
    const int size = show_kind(s->kind, n, text + s->word.size);
    return each(context, (hy_text){text, s->word.size + (size_t)size});
}

static int span_each(const span *s, hy_vary_value *each, void *context) {
    uint64_t value = s->from;
    int r = span_value(s, value, each, context);
    for (uint64_t i = 1; r == 0 && value < s->to; i++) {
        const uint64_t next = span_next(s, value, i);
        r = next > value ? span_value(s, next, each, context) : 0;
        value = next;
    }
    return r;
}

static int item_range(const hy_vary *vary, span *s, size_t dots, hy_vary_value *each, void *context, hy_error *error) {
    int r = span_cut(vary, s, dots, error);
    if (r == 0)
        r = span_ends(vary, s, error);
    if (r == 0)
        r = span_step(vary, s, error);
    if (r == 0 && span_count(s) > HY_VARY_MOST)
        r = vary_refuse(vary, s->item, "more than 1000 values; a longer step, or a range by ratios, gives fewer",
                        error);
    return r == 0 ? span_each(s, each, context) : r;
}

static int item_each(const hy_vary *vary, const hy_param *param, hy_text item, hy_vary_value *each, void *context,
                     hy_error *error) {
    const size_t dots = text_where(item, ".."), colon = hy_text_find(hy_text_to(item, dots), ":");
    const bool rule = is_rule(param);
    span s = {.item = item, .word = {item.at, rule && colon < dots ? colon + 1 : 0}, .kind = plain_kind(param)};
    if (dots == item.size || (!rule && s.kind == KIND_NONE))
        return each(context, item);
    if (rule)
        s.kind = s.word.size ? rule_kind(param, s.word) : KIND_NONE;
    if (s.kind == KIND_NONE)
        return vary_refuse(vary, item, "a range follows a rule that takes a number; `heapyard show` lists them", error);
    return item_range(vary, &s, dots, each, context, error);
}

int hy_vary_each(const hy_vary *vary, const hy_param *param, hy_vary_value *each, void *context, hy_error *error) {
    int r = 0;
    hy_text rest = vary->items;
    while (r == 0 && rest.size > 0) {
        const hy_text item = hy_text_to(rest, hy_text_find(rest, ","));
        rest = hy_text_from(rest, item.size + 1);
        r = item_each(vary, param, item, each, context, error);
    }
    return r;
}
