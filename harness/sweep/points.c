/* SPDX-License-Identifier: MIT
 *
 * points.c - the cross product (see points.h).
 *
 *  1. A list of one spec; each variation replaces every spec of it by as many as there are values.
 *  2. What two specs mean is compared by the values that all their parameters get, part by part, and by which
 *     parameters without a default they name: a malloc of others is told those, and only those.
 */
#include "points.h"

#include "lists.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A growing list of specs, with what each means. */
typedef struct meaning {
    char *bytes;
    size_t size;
} meaning;

typedef struct list {
    char **spec;
    size_t count;
} list;

static int list_add(list *l, const char *spec, hy_error *error) {
    if (l->count == HY_POINTS_MOST)
        return hy_fail(error, -EINVAL, "more than %d settings; vary less at a time", HY_POINTS_MOST);
    char **const grown = hy_list_more(l->spec, l->count, sizeof *grown);
    if (!grown)
        return hy_fail(error, -ENOMEM, "no memory for the settings");
    l->spec = grown;
    l->spec[l->count] = strdup(spec);
    return l->spec[l->count++] ? 0 : hy_fail(error, -ENOMEM, "no memory for the settings");
}

static void list_free(list *l) {
    for (size_t i = 0; i < l->count; i++)
        free(l->spec[i]);
    free(l->spec);
}

/* ------------------------------------------------------------------------------------------------ one parameter ----
 */

/* The ops of part `i`; NULL for what is no part of this catalog.  `base` is the innermost allocator's. */
static const hy_heap_ops *part_ops(const hy_catalog *catalog, const hy_spec *spec, size_t i, const hy_heap_ops *base) {
    if (i + 1 == spec->count)
        return base;
    const hy_heap_ops *const layer = hy_catalog_layer(catalog, spec->part[i].name);
    return layer ? layer : hy_catalog_heap(catalog, spec->part[i].name);
}

static const hy_param *param_named(const hy_heap_ops *ops, hy_text key) {
    for (const hy_param *p = ops ? ops->params : NULL; p && p->name; p++)
        if (hy_text_is(key, p->name))
            return p;
    return NULL;
}

/* The parameter that a key names in a spec, and the part that has it. */
static int find_param(const hy_catalog *catalog, const char *text, hy_text key, const hy_param **ret_param,
                      size_t *ret_part, hy_error *error) {
    hy_spec spec;
    const hy_heap_ops *base;
    const hy_text whole = {text, strlen(text)};
    int r = hy_spec_check(catalog, whole, &base, error);
    if (r == 0)
        r = hy_spec_parse(whole, &spec, error);
    for (size_t i = r == 0 ? spec.count : 0; i-- > 0;) {
        *ret_param = param_named(part_ops(catalog, &spec, i, base), key);
        *ret_part = i;
        if (*ret_param)
            return 0;
    }
    const char *names[64];
    size_t count = 0;
    for (const hy_param *p = r == 0 ? base->params : NULL; p && p->name && count < 63; p++)
        names[count++] = p->name;
    names[count] = NULL;
    const hy_hint hint = hy_did_you_mean(key.at, key.size, names, "`heapyard show` lists them");
    return r < 0 ? r
                 : hy_fail(error, -EINVAL, "%s has no parameter \"%.*s\" to vary%s", text, (int)key.size, key.at,
                           hint.text);
}

/* Whether a parameter's text is about this key. */
static bool is_of(hy_text item, hy_text key) {
    return item.size > key.size && memcmp(item.at, key.at, key.size) == 0 && item.at[key.size] == '=';
}

typedef struct writing {
    char text[HY_SPEC_SIZE];
    size_t size;
    bool full;
} writing;

static void write_text(writing *w, hy_text text) {
    w->full |= text.size >= sizeof w->text - w->size;
    if (w->full)
        return;
    memcpy(w->text + w->size, text.at, text.size);
    w->size += text.size;
    w->text[w->size] = '\0';
}

static void write_word(writing *w, const char *word) {
    write_text(w, (hy_text){word, strlen(word)});
}

/* A part with `key` set to `value`; all its other parameters stay as they are, in front. */
static void write_part(writing *w, const hy_spec_part *part, hy_text key, hy_text value) {
    write_text(w, part->name);
    const char *mark = ":";
    for (hy_text rest = part->params; rest.size > 0;) {
        const hy_text item = hy_params_item(&rest);
        if (is_of(item, key))
            continue;
        write_word(w, mark);
        write_text(w, item);
        mark = ",";
    }
    write_word(w, mark);
    write_text(w, key);
    write_word(w, "=");
    write_text(w, value);
}

static void write_untouched(writing *w, const hy_spec_part *part) {
    write_text(w, part->name);
    if (part->params.size == 0)
        return;
    write_word(w, ":");
    write_text(w, part->params);
}

/* ----------------------------------------------------------------------------------------------- all variations ----
 */

typedef struct product {
    const hy_catalog *catalog;
    const hy_vary *vary;
    hy_spec spec; /* of the one that is varied */
    size_t part;
    list *into;
    hy_error *error;
} product;

static int product_value(void *context, hy_text value) {
    product *const p = context;
    writing w = {.size = 0};
    const hy_heap_ops *ops;
    for (size_t i = 0; i < p->spec.count; i++) {
        if (i > 0)
            write_word(&w, "+");
        if (i == p->part)
            write_part(&w, &p->spec.part[i], p->vary->key, value);
        else
            write_untouched(&w, &p->spec.part[i]);
    }
    if (w.full)
        return hy_fail(p->error, -EINVAL, "an allocator spec has fewer than %d characters", HY_SPEC_SIZE);
    const int r = hy_spec_check(p->catalog, (hy_text){w.text, w.size}, &ops, p->error);
    return r < 0 ? r : list_add(p->into, w.text, p->error);
}

/* Replaces each spec of the list by all that the variation makes of it. */
static int vary_list(const hy_catalog *catalog, list *l, const hy_vary *vary, hy_error *error) {
    list varied = {NULL, 0};
    int r = 0;
    for (size_t i = 0; r == 0 && i < l->count; i++) {
        product p = {.catalog = catalog, .vary = vary, .into = &varied, .error = error};
        const hy_param *param;
        r = find_param(catalog, l->spec[i], vary->key, &param, &p.part, error);
        if (r == 0)
            r = hy_spec_parse((hy_text){l->spec[i], strlen(l->spec[i])}, &p.spec, error);
        if (r == 0)
            r = hy_vary_each(vary, param, product_value, &p, error);
    }
    list_free(l);
    *l = varied;
    return r;
}

/* ------------------------------------------------------------------------------------------------- same meaning ----
 */

/* Bit i: the parameter i of the table has no default and is named. */
static uint64_t named_params(const hy_heap_ops *ops, hy_text params) {
    uint64_t bits = 0;
    while (params.size > 0) {
        const hy_text item = hy_params_item(&params);
        for (size_t i = 0; i < 64 && ops->params[i].name; i++)
            if (!ops->params[i].def && is_of(item, (hy_text){ops->params[i].name, strlen(ops->params[i].name)}))
                bits |= (uint64_t)1 << i;
    }
    return bits;
}

/* The bytes of a parameter's value, without the padding of its struct. */
static size_t put_value(const hy_param *param, const void *params, char *ret) {
    const void *const field = (const char *)params + param->offset;
    const hy_rule *const rule = field;
    switch (param->type) {
    case HY_PARAM_BOOL: memcpy(ret, field, sizeof(bool)); return sizeof(bool);
    case HY_PARAM_CHOICE: memcpy(ret, field, sizeof(uint32_t)); return sizeof(uint32_t);
    case HY_PARAM_TEXT: strcpy(ret, field); return strlen(field) + 1;
    case HY_PARAM_RULE:
        memcpy(ret, &rule->choice, sizeof rule->choice);
        memcpy(ret + sizeof rule->choice, &rule->number, sizeof rule->number);
        return sizeof rule->choice + sizeof rule->number;
    default: memcpy(ret, field, sizeof(uint64_t)); return sizeof(uint64_t);
    }
}

static int put_part(const hy_heap_ops *ops, hy_text text, char *ret, size_t *size, hy_error *error) {
    const uint64_t named = ops->params ? named_params(ops, text) : 0;
    _Alignas(16) char params[HY_PARAMS_SIZE];
    const int r = hy_params_parse(ops->params, ops->name, text, params, ops->params_size, error);
    if (r < 0)
        return r;
    memcpy(ret + *size, &ops, sizeof ops);
    memcpy(ret + *size + sizeof ops, &named, sizeof named);
    *size += sizeof ops + sizeof named;
    for (const hy_param *p = ops->params; p && p->name; p++)
        *size += put_value(p, params, ret + *size);
    return 0;
}

static int meaning_of(const hy_catalog *catalog, const char *text, meaning *ret, hy_error *error) {
    static char bytes[HY_SPEC_PARTS * (HY_PARAMS_SIZE + 2 * sizeof(uint64_t))];
    size_t size = 0;
    const hy_text whole = {text, strlen(text)};
    const hy_heap_ops *base;
    hy_spec spec;
    int r = hy_spec_check(catalog, whole, &base, error);
    if (r == 0)
        r = hy_spec_parse(whole, &spec, error);
    for (size_t i = 0; r == 0 && i < spec.count; i++)
        r = put_part(part_ops(catalog, &spec, i, base), spec.part[i].params, bytes, &size, error);
    if (r < 0)
        return r;
    *ret = (meaning){malloc(size), size};
    if (!ret->bytes)
        return hy_fail(error, -ENOMEM, "no memory for the settings");
    memcpy(ret->bytes, bytes, size);
    return 0;
}

static bool is_known(const meaning *known, size_t count, const meaning *m) {
    for (size_t i = 0; i < count; i++)
        if (known[i].size == m->size && memcmp(known[i].bytes, m->bytes, m->size) == 0)
            return true;
    return false;
}

/* Closes the gaps. */
static void close_gaps(hy_points *points) {
    size_t kept = 0;
    for (size_t i = 0; i < points->count; i++)
        if (points->spec[i])
            points->spec[kept++] = points->spec[i];
    points->again = points->count - kept;
    points->count = kept;
}

/* Takes out what was there before under another spelling. */
static int keep_each_once(const hy_catalog *catalog, hy_points *points, hy_error *error) {
    meaning *const known = calloc(points->count + 1, sizeof *known);
    int r = known ? 0 : hy_fail(error, -ENOMEM, "no memory for the settings");
    size_t kept = 0;
    for (size_t i = 0; r == 0 && i < points->count; i++) {
        r = meaning_of(catalog, points->spec[i], &known[kept], error);
        if (r == 0 && is_known(known, kept, &known[kept])) {
            free(known[kept].bytes);
            free(points->spec[i]);
            points->spec[i] = NULL;
        } else if (r == 0) {
            kept++;
        }
    }
    for (size_t i = 0; i < kept; i++)
        free(known[i].bytes);
    free(known);
    close_gaps(points);
    return r;
}

/* ----------------------------------------------------------------------------------------------------------- all ----
 */

static int add_points(const hy_catalog *catalog, const char *spec, const hy_vary *vary, size_t vary_count, list *all,
                      hy_error *error) {
    list some = {NULL, 0};
    int r = list_add(&some, spec, error);
    for (size_t i = 0; r == 0 && i < vary_count; i++)
        r = vary_list(catalog, &some, &vary[i], error);
    for (size_t i = 0; r == 0 && i < some.count; i++)
        r = list_add(all, some.spec[i], error);
    list_free(&some);
    return r;
}

static int refuse_twice(const hy_vary *vary, size_t count, hy_error *error) {
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (vary[i].key.size == vary[j].key.size && memcmp(vary[i].key.at, vary[j].key.at, vary[i].key.size) == 0)
                return hy_fail(error, -EINVAL, "%.*s is varied twice; put all its values into one list",
                               (int)vary[i].key.size, vary[i].key.at);
    return 0;
}

int hy_points_make(const hy_catalog *catalog, char *const *specs, size_t spec_count, const hy_vary *vary,
                   size_t vary_count, hy_points *ret_points, hy_error *error) {
    list all = {NULL, 0};
    int r = refuse_twice(vary, vary_count, error);
    for (size_t i = 0; r == 0 && i < spec_count; i++)
        r = add_points(catalog, specs[i], vary, vary_count, &all, error);
    hy_points points = {all.spec, all.count, 0};
    if (r == 0)
        r = keep_each_once(catalog, &points, error);
    if (r == 0)
        *ret_points = points;
    else
        hy_points_free(&points);
    return r;
}

void hy_points_free(hy_points *points) {
    for (size_t i = 0; i < points->count; i++)
        free(points->spec[i]);
    free(points->spec);
    *points = (hy_points){.count = 0};
}
