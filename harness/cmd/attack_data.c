/* SPDX-License-Identifier: MIT
 *
 * attack_data.c - the results of `heapyard attack` for other programs: CSV and JSON, complete.
 */
#include "attack.h"

#include "fault_list.h"
#include "json_text.h"
#include "report.h"
#include "wilson.h"

#include <math.h>
#include <stdlib.h>

#define CONFIDENCE 0.95

static void write_cell(FILE *out, const hy_fault *fault, const hy_target *target, const hy_attack_cell *cell) {
    for (hy_outcome outcome = 0; outcome < HY_OUTCOMES; outcome++)
        for (unsigned moment = 0; moment < HY_MOMENTS; moment++) {
            const unsigned count = cell->count[outcome][moment];
            const hy_share share = hy_wilson(count, cell->runs, CONFIDENCE);
            if (count == 0)
                continue;
            fprintf(out, "%s,%s,%u,", fault->name, hy_fault_class_name(fault->class), fault->cwe);
            hy_csv(out, target->name);
            fprintf(out, ",%u,%s,%s,%u,%.4f,%.4f,%.4f,", cell->runs, hy_outcome_name(outcome), hy_moment_name(moment),
                    count, share.share, share.low, share.high);
            hy_csv(out, cell->words[outcome]);
            putc('\n', out);
        }
}

void attack_write_csv(FILE *out, const hy_attack_plan *plan, const hy_attack_result *result) {
    fputs("fault,class,cwe,allocator,runs,outcome,moment,count,share,low,high,words\n", out);
    for (size_t f = 0; f < plan->fault_count; f++)
        for (size_t t = 0; t < plan->target_count; t++)
            write_cell(out, plan->fault[f], &plan->target[t], attack_cell(plan, result, f, t));
}

static void write_known(FILE *out, bool known, double value) {
    if (known)
        fprintf(out, ",%.4g", value);
    else
        putc(',', out);
}

void attack_write_targets(FILE *out, const hy_attack_plan *plan, const hy_attack_result *result) {
    fputs("allocator,served_by,silent,detected,trapped,crashed,prevented,entropy_small,entropy_large,reuse_small,"
          "reuse_page,ns_hot,ns_working_set,resident_per_live\n",
          out);
    for (size_t t = 0; t < plan->target_count; t++) {
        static const hy_outcome shown[] = {HY_SILENT, HY_DETECTED, HY_TRAPPED, HY_CRASHED, HY_PREVENTED};
        const hy_predictability *const p = &result->predictable[t];
        const hy_price *const price = &result->price[t];
        hy_csv(out, plan->target[t].name);
        putc(',', out);
        hy_csv(out, plan->target[t].served_by);
        for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
            fprintf(out, ",%zu", attack_count(plan, result, t, -1, shown[i]));
        write_known(out, p->measured, p->small_bits);
        write_known(out, p->measured, p->large_bits);
        write_known(out, p->small_reuse > 0, (double)p->small_reuse);
        write_known(out, p->large_reuse > 0, (double)p->large_reuse);
        write_known(out, isfinite(price->hot_ns), price->hot_ns);
        write_known(out, isfinite(price->working_ns), price->working_ns);
        write_known(out, isfinite(price->resident), price->resident);
        putc('\n', out);
    }
}

/* -------------------------------------------------------------------------------------------------------- json ---- */

static void add_price(json_t *object, const hy_price *price) {
    if (isfinite(price->hot_ns) && isfinite(price->working_ns))
        json_object_set_new(object, "ns_per_pair",
                            json_pack("{s:f, s:f}", "hot", price->hot_ns, "working_set", price->working_ns));
    if (isfinite(price->resident))
        json_object_set_new(object, "resident_per_live", json_real(price->resident));
}

static json_t *json_target(const hy_target *target, const hy_predictability *p, const hy_price *price) {
    json_t *const object = json_pack("{s:o, s:o}", "allocator", cmd_json_text(target->name), "served_by",
                                     cmd_json_text(target->served_by));
    if (p->measured)
        json_object_set_new(
            object, "entropy_bits",
            json_pack("{s:f, s:f, s:i}", "small", p->small_bits, "large", p->large_bits, "starts", (int)p->starts));
    if (p->small_reuse)
        json_object_set_new(
            object, "reuse_distance",
            json_pack("{s:I, s:I}", "small", (json_int_t)p->small_reuse, "page", (json_int_t)p->large_reuse));
    add_price(object, price);
    return object;
}

static json_t *json_cell(const hy_fault *fault, const hy_target *target, const hy_attack_cell *cell) {
    json_t *const ends = json_array();
    unsigned moment;
    const hy_outcome most = hy_attack_outcome(cell, &moment);
    const hy_share silent = hy_wilson(hy_attack_count(cell, HY_SILENT), cell->runs, CONFIDENCE);
    for (hy_outcome outcome = 0; outcome < HY_OUTCOMES; outcome++)
        for (unsigned when = 0; when < HY_MOMENTS; when++)
            if (cell->count[outcome][when])
                json_array_append_new(ends,
                                      json_pack("{s:s, s:s, s:i, s:o}", "outcome", hy_outcome_name(outcome), "moment",
                                                hy_moment_name(when), "count", (int)cell->count[outcome][when], "words",
                                                cmd_json_text(cell->words[outcome])));
    return json_pack("{s:s, s:o, s:i, s:s, s:s, s:[f,f,f], s:o}", "fault", fault->name, "allocator",
                     cmd_json_text(target->name), "runs", (int)cell->runs, "outcome", hy_outcome_name(most), "moment",
                     hy_moment_name(moment), "silent", silent.share, silent.low, silent.high, "ends", ends);
}

static json_t *json_fault(const hy_fault *fault) {
    return json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:s}", "fault", fault->name, "class",
                     hy_fault_class_name(fault->class), "cwe", (int)fault->cwe, "summary", fault->summary, "origin",
                     fault->origin, "condition", fault->condition, "correct", fault->correct);
}

void attack_write_json(FILE *out, const hy_attack_plan *plan, const hy_attack_result *result, const char *command) {
    json_t *const faults = json_array(), *const targets = json_array(), *const cells = json_array();
    for (size_t f = 0; f < plan->fault_count; f++)
        json_array_append_new(faults, json_fault(plan->fault[f]));
    for (size_t t = 0; t < plan->target_count; t++)
        json_array_append_new(targets, json_target(&plan->target[t], &result->predictable[t], &result->price[t]));
    for (size_t f = 0; f < plan->fault_count; f++)
        for (size_t t = 0; t < plan->target_count; t++)
            json_array_append_new(cells, json_cell(plan->fault[f], &plan->target[t], attack_cell(plan, result, f, t)));
    json_t *const all = json_pack("{s:o, s:i, s:o, s:o, s:o}", "command", cmd_json_text(command), "repetitions",
                                  (int)plan->repetitions, "faults", faults, "allocators", targets, "cells", cells);
    if (!all)
        abort();
    json_dumpf(all, out, JSON_INDENT(1));
    putc('\n', out);
    json_decref(all);
}
