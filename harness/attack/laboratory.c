/* SPDX-License-Identifier: MIT
 *
 * laboratory.c - see laboratory.h.
 *
 * Work is numbered: number % cells is the cell, so that a target's weakness of the moment (a busy machine) does not hit
 * one cell only.  Victims end in any order; each knows its number.
 */
#include "laboratory.h"

#include "entropy.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------------- cells ---- */

unsigned hy_attack_count(const hy_attack_cell *cell, hy_outcome outcome) {
    unsigned count = 0;
    for (size_t moment = 0; moment < HY_MOMENTS; moment++)
        count += cell->count[outcome][moment];
    return count;
}

hy_outcome hy_attack_outcome(const hy_attack_cell *cell, unsigned *ret_moment) {
    /* From the worst on. */
    static const hy_outcome order[HY_OUTCOMES] = {HY_INVALID, HY_SILENT,   HY_TOO_LARGE, HY_TIMED_OUT,     HY_CRASHED,
                                                  HY_TRAPPED, HY_DETECTED, HY_PREVENTED, HY_NOT_APPLICABLE};
    hy_outcome most = order[0];
    for (size_t i = 1; i < HY_OUTCOMES; i++)
        if (hy_attack_count(cell, order[i]) > hy_attack_count(cell, most))
            most = order[i];
    unsigned moment = HY_NEVER;
    for (unsigned other = HY_MOMENTS; other-- > 0;)
        if (cell->count[most][other] > cell->count[most][moment])
            moment = other;
    *ret_moment = moment;
    return most;
}

static void note(hy_attack_cell *cell, const hy_finding *finding) {
    if (hy_attack_count(cell, finding->outcome) == 0)
        memccpy(cell->words[finding->outcome], finding->words, '\0', sizeof cell->words[0] - 1);
    cell->count[finding->outcome][finding->moment]++;
    cell->runs++;
}

/* An end of the control: it is kept for the runs to come, or settles the cell. */
static void note_control(hy_attack_cell *cell, const hy_victim_end *end) {
    hy_finding finding = {.moment = HY_NEVER};
    if (!hy_outcome_control(end, finding.words, sizeof finding.words)) {
        finding.outcome = HY_INVALID;
        note(cell, &finding);
    } else if (end->page.verdict == HY_SAID_NOT_APPLICABLE) {
        hy_outcome_find(end, end, &finding);
        note(cell, &finding);
    } else {
        cell->control = malloc(sizeof *cell->control);
        if (!cell->control)
            abort();
        *cell->control = *end;
    }
}

/* -------------------------------------------------------------------------------------------------------- work ---- */

typedef struct work {
    const hy_attack_plan *plan;
    hy_attack_result *result;
    hy_victims *victims;
    size_t next, total; /* of this pass */
    size_t done, all;   /* of all passes */
    hy_error *error;
    int (*order)(struct work *work, size_t number, hy_victim_order *ret_order); /* 0: nothing to do for it */
    void (*take)(struct work *work, const hy_victim_end *end);
    bool alone;           /* one victim at a time */
    uint64_t *address[2]; /* of the entropy's pass */
} work;

static void complete(work *w, const hy_target *target, hy_victim_order *order) {
    order->program = target->program;
    order->spec = target->spec;
    order->environment = target->environment;
    order->timeout = w->plan->timeout;
    order->memory = w->plan->memory;
}

static void take_one(work *w) {
    hy_victim_end end;
    hy_victims_wait(w->victims, &end);
    w->take(w, &end);
    w->result->victims++;
}

static void show(const work *w) {
    if (w->plan->show_progress)
        w->plan->show_progress(w->done, w->all);
}

/* One pass: all its numbers.  0, -EINTR or -errno with the sentence. */
static int run_pass(work *w) {
    for (w->next = 0; w->next < w->total; w->next++) {
        hy_victim_order order = {.tag = w->next};
        if (w->plan->stop && *w->plan->stop)
            return -EINTR;
        show(w);
        w->done++;
        if (!w->order(w, w->next, &order))
            continue;
        while (w->alone ? hy_victims_running(w->victims) : !hy_victims_have_room(w->victims))
            take_one(w);
        const int r = hy_victims_start(w->victims, &order, w->error);
        if (r < 0)
            return r;
    }
    while (hy_victims_running(w->victims))
        take_one(w);
    return 0;
}

static size_t cell_count(const hy_attack_plan *plan) {
    return plan->fault_count * plan->target_count;
}

static int order_fault(work *w, size_t number, hy_victim_order *order, bool control) {
    const hy_attack_plan *const plan = w->plan;
    const size_t cell = number % cell_count(plan);
    order->fault = plan->fault[cell / plan->target_count]->name;
    order->control = control;
    complete(w, &plan->target[cell % plan->target_count], order);
    return 1;
}

static int order_control(work *w, size_t number, hy_victim_order *order) {
    return order_fault(w, number, order, true);
}

static int order_run(work *w, size_t number, hy_victim_order *order) {
    return w->result->cell[number % cell_count(w->plan)].control ? order_fault(w, number, order, false) : 0;
}

static void take_control(work *w, const hy_victim_end *end) {
    note_control(&w->result->cell[end->tag], end);
}

static void take_run(work *w, const hy_victim_end *end) {
    hy_attack_cell *const cell = &w->result->cell[end->tag % cell_count(w->plan)];
    hy_finding finding;
    hy_outcome_find(end, cell->control, &finding);
    note(cell, &finding);
}

/* ----------------------------------------------------------------------------------------------- predictability ----
 */

static int order_reuse(work *w, size_t number, hy_victim_order *order) {
    order->fault = "+reuse";
    complete(w, &w->plan->target[number], order);
    return 1;
}

static void take_reuse(work *w, const hy_victim_end *end) {
    hy_predictability *const p = &w->result->predictable[end->tag];
    p->small_reuse = end->page.number[0];
    p->large_reuse = end->page.number[1];
}

static int order_address(work *w, size_t number, hy_victim_order *order) {
    order->fault = "+address";
    complete(w, &w->plan->target[number % w->plan->target_count], order);
    return 1;
}

/* The starts of one target lie side by side. */
static void take_address(work *w, const hy_victim_end *end) {
    const size_t target = end->tag % w->plan->target_count, start = end->tag / w->plan->target_count;
    for (size_t i = 0; i < 2; i++)
        w->address[i][target * w->plan->starts + start] = end->page.number[i];
}

static void judge_addresses(work *w) {
    const size_t starts = w->plan->starts;
    for (size_t i = 0; i < w->plan->target_count; i++) {
        hy_predictability *const p = &w->result->predictable[i];
        bool all = true;
        for (size_t start = 0; start < starts; start++)
            all = all && w->address[0][i * starts + start] && w->address[1][i * starts + start];
        if (!all)
            continue;
        p->measured = true;
        p->starts = (unsigned)starts;
        p->small_bits = hy_entropy_bits(w->address[0] + i * starts, starts);
        p->large_bits = hy_entropy_bits(w->address[1] + i * starts, starts);
    }
}

static int measure_predictability(work *w) {
    const size_t starts = (size_t)w->plan->starts * w->plan->target_count;
    w->total = w->plan->target_count;
    w->order = order_reuse;
    w->take = take_reuse;
    int r = run_pass(w);
    if (r < 0)
        return r;
    for (size_t i = 0; i < 2; i++)
        if (!(w->address[i] = calloc(starts, sizeof *w->address[i])))
            abort();
    w->total = starts;
    w->order = order_address;
    w->take = take_address;
    r = run_pass(w);
    if (r == 0)
        judge_addresses(w);
    free(w->address[0]);
    free(w->address[1]);
    return r;
}

/* ----------------------------------------------------------------------------------------------------- drawing ---- */

static int order_drawing(work *w, size_t number, hy_victim_order *order) {
    order->draw = true;
    return w->plan->target[number % w->plan->target_count].heap ? order_fault(w, number, order, false) : 0;
}

static void take_drawing(work *w, const hy_victim_end *end) {
    if (end->said[0] && !(w->result->drawing[end->tag] = strdup(end->said)))
        abort();
}

static int draw(work *w) {
    w->total = w->plan->draw ? cell_count(w->plan) : 0;
    w->order = order_drawing;
    w->take = take_drawing;
    return run_pass(w);
}

/* ------------------------------------------------------------------------------------------------------- price ---- */

static int order_price(work *w, size_t number, hy_victim_order *order) {
    order->fault = "+price";
    complete(w, &w->plan->target[number % w->plan->target_count], order);
    return 1;
}

static double least(double known, uint64_t thousandths) {
    return thousandths ? fmin(known, (double)thousandths / 1000) : known; /* fmin: a number, if there is one */
}

static void take_price(work *w, const hy_victim_end *end) {
    hy_price *const price = &w->result->price[end->tag % w->plan->target_count];
    price->hot_ns = least(price->hot_ns, end->page.number[0]);
    price->working_ns = least(price->working_ns, end->page.number[1]);
    price->resident = least(price->resident, end->page.number[2]);
}

static int measure_prices(work *w) {
    w->total = (size_t)w->plan->prices * w->plan->target_count;
    w->order = order_price;
    w->take = take_price;
    w->alone = true;
    return run_pass(w);
}

/* --------------------------------------------------------------------------------------------------------- all ---- */

static int attack(work *w) {
    const size_t cells = cell_count(w->plan);
    w->total = cells;
    w->order = order_control;
    w->take = take_control;
    int r = run_pass(w);
    if (r < 0)
        return r;
    w->total = cells * w->plan->repetitions;
    w->order = order_run;
    w->take = take_run;
    r = run_pass(w);
    if (r == 0)
        r = draw(w);
    if (r == 0 && w->plan->starts)
        r = measure_predictability(w);
    return r == 0 ? measure_prices(w) : r;
}

int hy_attack_run(const hy_attack_plan *plan, hy_attack_result *ret_result, hy_error *error) {
    const size_t cells = cell_count(plan);
    hy_attack_result result = {.cell = calloc(cells + 1, sizeof *result.cell),
                               .predictable = calloc(plan->target_count, sizeof *result.predictable),
                               .price = calloc(plan->target_count, sizeof *result.price)};
    result.drawing = calloc(cells + 1, sizeof *result.drawing);
    if (!result.cell || !result.predictable || !result.price || !result.drawing)
        abort();
    result.drawings = cells;
    for (size_t i = 0; i < plan->target_count; i++)
        result.price[i] = (hy_price){NAN, NAN, NAN};
    work w = {.plan = plan, .result = &result, .error = error};
    w.all = cells * (plan->repetitions + 1) + (plan->starts ? (plan->starts + 1) * plan->target_count : 0) +
            (size_t)plan->prices * plan->target_count;
    int r = hy_victims_open(plan->jobs, &w.victims, error);
    if (r == 0) {
        r = attack(&w);
        hy_victims_close(w.victims);
    }
    for (size_t i = 0; i < cells; i++) {
        free(result.cell[i].control);
        result.cell[i].control = NULL;
    }
    if (r < 0)
        hy_attack_free(&result);
    else
        *ret_result = result;
    return r;
}

void hy_attack_free(hy_attack_result *result) {
    free(result->cell);
    free(result->predictable);
    free(result->price);
    for (size_t i = 0; i < result->drawings; i++)
        free(result->drawing[i]);
    free(result->drawing);
}
