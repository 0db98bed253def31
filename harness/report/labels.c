/* SPDX-License-Identifier: MIT
 *
 * labels.c - labels that stand beside what they name and do not cover each other.
 *
 *   1. On one axis: neighbours that are too near push each other apart, half each, until nobody moves.
 *   2. In the plane: the labels are placed one by one, each at the first of a ring of places around its point that is
 *      free; rings get wider; if nothing is free, at the place that covers least.
 *
 * Greedy: a better global arrangement may exist.
 */
#include "figures.h"

#include <math.h>
#include <string.h>

static void label_sort(const double *places, size_t count, size_t *order) {
    for (size_t i = 0; i < count; i++) {
        size_t k = i;
        for (; k > 0 && places[order[k - 1]] > places[i]; k--)
            order[k] = order[k - 1];
        order[k] = i;
    }
}

void label_spread(double *places, size_t count, double gap) {
    size_t order[FIGURE_LABELS];
    if (count < 2 || count > FIGURE_LABELS)
        return;
    label_sort(places, count, order);
    for (int round = 0; round < 500; round++) {
        bool moved = false;
        for (size_t i = 0; i + 1 < count; i++) {
            double *const low = &places[order[i]], *const high = &places[order[i + 1]];
            const double missing = gap - (*high - *low);
            if (missing < gap * 1e-3)
                continue;
            *low -= missing / 2;
            *high += missing / 2;
            moved = true;
        }
        for (size_t i = 0; i < count; i++)
            places[i] = fmin(fmax(places[i], 0), 1);
        if (!moved)
            return;
    }
}

static label_frame label_frame_of(const label_box *box) {
    return (label_frame){box->left, box->left + box->width, box->middle - box->height / 2,
                         box->middle + box->height / 2};
}

static double label_overlap(label_frame a, label_frame b) {
    const double width = fmin(a.right, b.right) - fmax(a.left, b.left);
    const double height = fmin(a.high, b.high) - fmax(a.low, b.low);
    return width > 0 && height > 0 ? width * height : 0;
}

typedef struct label_plane {
    label_box *boxes;
    size_t count;
    const label_frame *obstacles;
    size_t obstacle_count;
} label_plane;

/* How much of boxes[which] covers points, lines, labels placed before it, or lies outside the picture. */
static double label_cost(const label_plane *plane, size_t which) {
    const label_box *const boxes = plane->boxes;
    const label_frame own = label_frame_of(&boxes[which]);
    const double area = boxes[which].width * boxes[which].height;
    double cost = 0;
    for (size_t i = 0; i < plane->obstacle_count; i++)
        cost += label_overlap(own, plane->obstacles[i]);
    for (size_t i = 0; i < plane->count; i++) {
        const double half = 0.018;
        const label_frame point = {boxes[i].x - half / 1.6, boxes[i].x + half / 1.6, boxes[i].y - half,
                                   boxes[i].y + half};
        cost += label_overlap(own, point);
        if (i < which)
            cost += label_overlap(own, label_frame_of(&boxes[i]));
    }
    const label_frame all = {0, 1.03, 0, 1};
    return cost + (area - fmin(area, label_overlap(own, all)));
}

static void label_place_one(const label_plane *plane, size_t which) {
    static const double sides[][2] = {{-1, -1}, {1, 0}, {1, 1}, {1, -1}, {-1, 0}, {-1, 1}, {-1, -1}};
    label_box *const box = &plane->boxes[which], best = *box;
    double least = INFINITY;
    for (int ring = 1; ring <= 10; ring++)
        for (size_t s = !box->below_left; s < sizeof sides / sizeof *sides; s++) {
            const double away = 0.013 + 0.012 * (ring - 1);
            box->left = sides[s][0] > 0 ? box->x + away : box->x - away - box->width;
            box->middle = box->y + sides[s][1] * box->height * (0.1 + 0.6 * ring);
            box->far = ring > 1;
            const double cost = label_cost(plane, which);
            if (cost < least - 1e-12) {
                least = cost;
                best = *box;
            }
        }
    *box = best;
}

void label_place(label_box *boxes, size_t count, const label_frame *obstacles, size_t obstacle_count) {
    const label_plane plane = {boxes, count, obstacles, obstacle_count};
    for (size_t i = 0; i < count; i++)
        label_place_one(&plane, i);
}
