/* SPDX-License-Identifier: MIT
 *
 * Labels of figures: neighbours stand apart, and texts do not cover each other where there is room.
 */
#include "figures.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void far_labels_stay(void **state) {
    double places[] = {0.9, 0.1, 0.5};
    label_spread(places, 3, 0.1);
    assert_true(places[0] == 0.9 && places[1] == 0.1 && places[2] == 0.5);
}

static void near_labels_part_evenly(void **state) {
    double places[] = {0.5, 0.5};
    label_spread(places, 2, 0.1);
    assert_true(fabs(fabs(places[1] - places[0]) - 0.1) < 0.001);
    assert_true(fabs(places[0] + places[1] - 1) < 0.001);
}

static void order_and_frame_are_kept(void **state) {
    double places[12];
    for (int i = 0; i < 12; i++)
        places[i] = 0.97 + 0.001 * i;
    label_spread(places, 12, 0.05);
    for (int i = 0; i < 12; i++) {
        assert_true(places[i] >= 0 && places[i] <= 1);
        if (i > 0)
            assert_true(places[i] - places[i - 1] > 0.049);
    }
}

/* By more than rounding. */
static bool covers(const label_box *a, const label_box *b) {
    const double width = fmin(a->left + a->width, b->left + b->width) - fmax(a->left, b->left);
    const double height = (a->height + b->height) / 2 - fabs(a->middle - b->middle);
    return width > 1e-9 && height > 1e-9;
}

static void texts_do_not_cover_each_other(void **state) {
    label_box boxes[8];
    for (int i = 0; i < 8; i++)
        boxes[i] = (label_box){.x = 0.5 + 0.01 * (i % 3), .y = 0.5 + 0.01 * (i / 3), .width = 0.1, .height = 0.05};
    label_place(boxes, 8, NULL, 0);
    for (int i = 0; i < 8; i++)
        for (int k = 0; k < i; k++)
            assert_false(covers(&boxes[i], &boxes[k]));
}

static void a_lonely_label_is_at_the_right(void **state) {
    label_box box = {.x = 0.5, .y = 0.5, .width = 0.1, .height = 0.05};
    label_place(&box, 1, NULL, 0);
    assert_true(box.left > box.x && box.left < box.x + 0.02 && box.middle == box.y && !box.far);
    box.below_left = true;
    label_place(&box, 1, NULL, 0);
    assert_true(box.left + box.width < box.x && box.middle < box.y);
}

static void a_label_keeps_off_a_line(void **state) {
    label_box box = {.x = 0.5, .y = 0.5, .width = 0.1, .height = 0.05};
    const label_frame line = {0.5, 1, 0.49, 0.51};
    label_place(&box, 1, &line, 1);
    assert_true(box.left + box.width <= line.left || box.middle - box.height / 2 >= line.high ||
                box.middle + box.height / 2 <= line.low);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(far_labels_stay),
        cmocka_unit_test(near_labels_part_evenly),
        cmocka_unit_test(order_and_frame_are_kept),
        cmocka_unit_test(texts_do_not_cover_each_other),
        cmocka_unit_test(a_lonely_label_is_at_the_right),
        cmocka_unit_test(a_label_keeps_off_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
