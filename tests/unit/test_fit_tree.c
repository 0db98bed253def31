/* SPDX-License-Identifier: MIT
 *
 * test_fit_tree.c - the two trees of holes by themselves: every answer against a plain table, every invariant after
 * each change, and the height that is promised.
 *
 * The "holes" are places in a table of slots; only their links and headers exist, so they may claim any size.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fit_tree_balance.h"
#include "shadow.h"

#include <math.h>
#include <stdlib.h>

enum { SLOTS = 300, STRIDE = 64 };

typedef struct slot {
    char *hole; /* NULL: none */
    size_t size;
} slot;

/* The model: slots by address.  A hole lies somewhere in the first half of its slot. */
typedef struct model {
    fit_tree tree;
    bool by_size, measured;
    size_t grain;
    char *memory;
    uint64_t random, steps;
    slot slots[SLOTS];
} model;

/* --------------------------------------------------------------------------------------------------- the model ---- */

static size_t index_of(const model *m, const char *hole) {
    return (size_t)(hole - m->memory) / STRIDE;
}

static size_t measure(const void *context, const char *hole) {
    const model *const m = context;
    return m->slots[index_of(m, hole)].size;
}

static model *model_new(bool by_size, size_t grain, bool measured, uint64_t seed) {
    model *const m = calloc(1, sizeof *m);
    assert_non_null(m);
    m->memory = aligned_alloc(16, SLOTS * STRIDE + STRIDE);
    assert_non_null(m->memory);
    m->by_size = by_size;
    m->measured = measured;
    m->grain = grain;
    m->random = seed;
    fit_tree_init(&m->tree, grain, measured ? 0 : FIT_HEADER, &m->steps);
    m->tree.measure = measured ? measure : NULL;
    m->tree.context = m;
    return m;
}

static void model_free(model *m) {
    free(m->memory);
    free(m);
}

static size_t draw(model *m, size_t below) {
    return (size_t)shadow_random(&m->random) % below;
}

/* Few different small sizes, so that equal ones are frequent; and now and then one that no value can say. */
static size_t draw_size(model *m) {
    const size_t kind = draw(m, 20);
    if (kind < 12)
        return (2 + draw(m, 12)) * m->grain;
    if (kind < 19)
        return (2 + draw(m, 100000)) * m->grain;
    return (FIT_NODE_MOST - 1 + draw(m, 4)) * m->grain;
}

static char *draw_place(model *m, size_t i) {
    return m->memory + i * STRIDE + draw(m, 32 / m->grain) * m->grain;
}

/* ------------------------------------------------------------------------------------------------------ changes ----
 */

static void set_size(model *m, slot *s, size_t size) {
    s->size = size;
    if (!m->measured)
        fit_set_word(s->hole, size);
}

static void insert(model *m, size_t i) {
    m->slots[i].hole = draw_place(m, i);
    set_size(m, &m->slots[i], draw_size(m));
    if (m->by_size)
        fit_size_insert(&m->tree, m->slots[i].hole, m->slots[i].size);
    else
        fit_address_insert(&m->tree, m->slots[i].hole, m->slots[i].size);
}

static void remove_hole(model *m, size_t i) {
    slot *const s = &m->slots[i];
    if (m->by_size)
        fit_size_remove(&m->tree, s->hole);
    else
        fit_address_remove(&m->tree, s->hole);
    memset(m->memory + i * STRIDE, 0xee, STRIDE);
    s->hole = NULL;
}

static void resize(model *m, size_t i) {
    slot *const s = &m->slots[i];
    if (m->by_size)
        fit_size_remove(&m->tree, s->hole);
    set_size(m, s, draw_size(m));
    if (m->by_size)
        fit_size_insert(&m->tree, s->hole, s->size);
    else
        fit_address_resized(&m->tree, s->hole, s->size);
}

/* The heir may overlap the hole, and its header is written afterwards. */
static void replace(model *m, size_t i) {
    slot *const s = &m->slots[i];
    char *const heir = draw_place(m, i);
    const size_t size = draw_size(m);
    if (m->by_size) {
        remove_hole(m, i);
        insert(m, i);
        return;
    }
    fit_address_replace(&m->tree, s->hole, heir, size);
    s->hole = heir;
    set_size(m, s, size);
}

static void change(model *m, size_t fullness) {
    const size_t i = draw(m, SLOTS), what = draw(m, 100);
    if (!m->slots[i].hole)
        what < fullness ? insert(m, i) : (void)0;
    else if (what >= fullness)
        remove_hole(m, i);
    else if (what % 2)
        resize(m, i);
    else
        replace(m, i);
}

/* ------------------------------------------------------------------------------------------------------ answers ----
 */

/* Whether one hole comes before the other, by size and then by address. */
static bool is_smaller(const slot *one, const slot *two) {
    return one->size != two->size ? one->size < two->size : one->hole < two->hole;
}

static char *naive_first(const model *m, const char *from, size_t size) {
    for (const slot *s = m->slots; s < m->slots + SLOTS; s++)
        if (s->hole && s->hole >= from && s->size >= size)
            return s->hole;
    return NULL;
}

static char *naive_least(const model *m, size_t size, char *from) {
    const slot wanted = {from, size};
    const slot *least = NULL;
    for (const slot *s = m->slots; s < m->slots + SLOTS; s++)
        if (s->hole && !is_smaller(s, &wanted) && (!least || is_smaller(s, least)))
            least = s;
    return least ? least->hole : NULL;
}

static size_t naive_largest(const model *m, size_t limit) {
    size_t largest = 0;
    for (const slot *s = m->slots; s < m->slots + SLOTS; s++)
        if (s->hole && s->size < limit)
            largest = hy_max(largest, s->size);
    return largest;
}

static char *naive_before(const model *m, const char *address) {
    char *before = NULL;
    for (const slot *s = m->slots; s < m->slots + SLOTS; s++)
        before = s->hole && s->hole < address ? s->hole : before;
    return before;
}

/* A size to ask for: any, or one around a hole's. */
static size_t draw_wanted(model *m) {
    const slot *const s = &m->slots[draw(m, SLOTS)];
    return draw(m, 2) || !s->hole ? draw_size(m) - draw(m, 2) : s->size + draw(m, 3) - 1;
}

static void compare(model *m) {
    char *const place = draw_place(m, draw(m, SLOTS)) + draw(m, 2);
    const size_t size = draw_wanted(m);
    if (m->by_size) {
        assert_ptr_equal(fit_size_least(&m->tree, size, place), naive_least(m, size, place));
        assert_ptr_equal(fit_size_least(&m->tree, size, NULL), naive_least(m, size, NULL));
        assert_int_equal(fit_size_largest(&m->tree, size), naive_largest(m, size));
        assert_int_equal(fit_size_largest(&m->tree, SIZE_MAX), naive_largest(m, SIZE_MAX));
    } else {
        assert_ptr_equal(fit_address_first(&m->tree, place, size), naive_first(m, place, size));
        assert_ptr_equal(fit_address_first(&m->tree, NULL, size), naive_first(m, NULL, size));
        assert_int_equal(fit_address_largest(&m->tree), naive_largest(m, SIZE_MAX));
        assert_ptr_equal(fit_address_before(&m->tree, place), naive_before(m, place));
        assert_ptr_equal(fit_address_after(&m->tree, place), naive_first(m, place, 0));
    }
}

/* As tall as AVL trees may be: 1.4405 log2(n + 2) - 0.3277. */
static void assert_height(const fit_tree *tree) {
    assert_true(fit_tree_height(tree) <= 1.4405 * log2((double)tree->holes + 2) - 0.3277);
}

static void check(const model *m) {
    uint64_t holes = 0;
    size_t addresses = 0, wanted_holes = 0, wanted_addresses = 0;
    const char *const wrong = fit_tree_check(&m->tree, m->by_size, &holes, &addresses);
    if (wrong)
        fail_msg("%s", wrong);
    for (const slot *s = m->slots; s < m->slots + SLOTS; s++) {
        wanted_holes += s->hole != NULL;
        wanted_addresses += (size_t)s->hole;
    }
    assert_int_equal(holes, wanted_holes);
    assert_int_equal(addresses, wanted_addresses);
    assert_height(&m->tree);
}

/* -------------------------------------------------------------------------------------------------------- cases ----
 */

static void each_model(void (*use)(model *m), bool by_size) {
    for (uint64_t seed = 1; seed <= 3; seed++) {
        for (unsigned kind = 0; kind < 4; kind++) {
            model *const m = model_new(by_size, kind & 1 ? 16 : 1, kind & 2, seed);
            use(m);
            model_free(m);
        }
    }
}

/* The table fills and empties by turns. */
static void change_and_compare(model *m) {
    check(m);
    compare(m);
    for (unsigned turn = 0; turn < 8000; turn++) {
        change(m, turn / 1000 % 2 ? 20 : 80);
        check(m);
        compare(m);
    }
    for (size_t i = 0; i < SLOTS; i++)
        if (m->slots[i].hole)
            remove_hole(m, i);
    check(m);
    assert_null(m->tree.root);
}

static void by_address(void **state) {
    (void)state;
    each_model(change_and_compare, false);
}

static void by_size(void **state) {
    (void)state;
    each_model(change_and_compare, true);
}

/* What comes in order makes other trees than what comes at random. */
static void height_is_certain(void **state) {
    (void)state;
    enum { HOLES = 50000 };
    char *const memory = aligned_alloc(16, HOLES * 32);
    assert_non_null(memory);
    for (int falling = 0; falling < 2; falling++) {
        fit_tree tree;
        uint64_t holes = 0, steps = 0;
        size_t addresses = 0;
        fit_tree_init(&tree, 16, FIT_HEADER, &steps);
        for (size_t i = 0; i < HOLES; i++) {
            char *const hole = memory + (falling ? HOLES - 1 - i : i) * 32;
            fit_set_word(hole, 32);
            fit_address_insert(&tree, hole, 32);
            assert_height(&tree);
        }
        assert_null(fit_tree_check(&tree, false, &holes, &addresses));
        for (size_t i = 0; i < HOLES; i += 1 + i % 3) {
            fit_address_remove(&tree, memory + i * 32);
            assert_height(&tree);
        }
        assert_null(fit_tree_check(&tree, false, &holes, &addresses));
        assert_int_equal(holes, tree.holes);
    }
    free(memory);
}

/* A search looks at one hole a level; in a subtree beside the path, once more. */
static void searches_are_short(void **state) {
    (void)state;
    model *const m = model_new(false, 16, false, 7);
    for (size_t i = 0; i < SLOTS; i++) {
        insert(m, i);
        set_size(m, &m->slots[i], i == SLOTS - 1 ? 4096 : 32);
        fit_address_resized(&m->tree, m->slots[i].hole, m->slots[i].size);
    }
    const uint64_t before = m->steps;
    assert_ptr_equal(fit_address_first(&m->tree, NULL, 4096), m->slots[SLOTS - 1].hole);
    assert_in_range(m->steps - before, 1, fit_tree_height(&m->tree));
    const uint64_t between = m->steps;
    assert_ptr_equal(fit_address_first(&m->tree, m->slots[SLOTS / 2].hole, 4096), m->slots[SLOTS - 1].hole);
    assert_in_range(m->steps - between, 1, 2 * fit_tree_height(&m->tree));
    model_free(m);
}

/* ------------------------------------------------------------------------------------------------------- damage ----
 */

static const char *found(const model *m) {
    uint64_t holes = 0;
    size_t addresses = 0;
    const char *const wrong = fit_tree_check(&m->tree, m->by_size, &holes, &addresses);
    return wrong ? wrong : "nothing";
}

/* Each kind of damage is named; and what is mended again is right. */
static void damage(model *m) {
    for (size_t i = 0; i < SLOTS; i++)
        insert(m, i);
    char *const root = m->tree.root, *const left = tree_link(&m->tree, root, LEFT);
    const fit_node node = *tree_node(&m->tree, root);

    tree_set_value(&m->tree, root, tree_value(&m->tree, root) - 1);
    assert_string_equal(found(m), m->by_size ? "the tree knows another size of a hole"
                                             : "the largest hole of a subtree is wrong");
    *tree_node(&m->tree, root) = node;

    tree_set_balance(&m->tree, root, (tree_balance(&m->tree, root) + 1) % 3);
    assert_string_equal(found(m), "a hole names the wrong subtree as the taller one");
    *tree_node(&m->tree, root) = node;

    tree_set_link(&m->tree, root, LEFT, NULL);
    assert_string_equal(found(m), "the tree of holes is out of balance");
    tree_set_link(&m->tree, root, LEFT, root);
    assert_string_equal(found(m), "the tree of holes is too tall");
    tree_set_link(&m->tree, root, LEFT, tree_link(&m->tree, root, RIGHT));
    tree_set_link(&m->tree, root, RIGHT, left);
    assert_non_null(strstr(found(m), "the tree of holes is not in the order of"));
    *tree_node(&m->tree, root) = node;

    m->tree.holes++;
    assert_string_equal(found(m), "the tree holds fewer holes than it counts");
    m->tree.holes -= 2;
    assert_string_equal(found(m), "the tree holds more holes than it counts");
    m->tree.holes++;
    assert_string_equal(found(m), "nothing");
}

static void damage_is_found(void **state) {
    (void)state;
    each_model(damage, false);
    each_model(damage, true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_address),         cmocka_unit_test(by_size),         cmocka_unit_test(height_is_certain),
        cmocka_unit_test(searches_are_short), cmocka_unit_test(damage_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
