/* SPDX-License-Identifier: MIT
 *
 * store_phase.c - what was measured by phase: one row of all repetitions of an allocator.
 *
 * Memory repeats, so its most is taken; times do not, so their median.
 */
#include "database.h"

#include <math.h>
#include <stdlib.h>

static const char facts_sql[] =
    "SELECT max(CASE m.name WHEN 'phase_threads' THEN m.value END), "
    "max(CASE m.name WHEN 'phase_changes' THEN m.value END), max(CASE m.name WHEN 'ops' THEN m.value END) "
    "FROM metric m JOIN cell c ON c.id = m.cell WHERE c.campaign = ?1 AND c.trace = ?2";

static const char phases_sql[] =
    "WITH cells AS (SELECT id, spec FROM cell WHERE campaign = ?1 AND trace = ?2 AND outcome = 'ok' "
    "AND pass IN ('throughput', 'footprint')), "
    "timed AS (SELECT c.spec, p.number, p.seconds, row_number() OVER (PARTITION BY c.spec, p.number ORDER BY "
    "p.seconds) "
    "AS place, count(*) OVER (PARTITION BY c.spec, p.number) AS runs "
    "FROM phase p JOIN cells c ON c.id = p.cell WHERE p.seconds IS NOT NULL), "
    "middle AS (SELECT spec, number, avg(seconds) AS seconds FROM timed WHERE place IN ((runs + 1) / 2, runs / 2 + 1) "
    "GROUP BY spec, number) "
    "SELECT p.number, p.name, c.spec, max(p.times), max(p.ops), max(p.peak_live), "
    "(SELECT seconds FROM middle m WHERE m.spec = c.spec AND m.number = p.number), "
    "max(p.peak_resident), max(p.peak_committed) FROM phase p JOIN cells c ON c.id = p.cell "
    "GROUP BY p.number, c.spec ORDER BY p.number, (SELECT key FROM json_each(?3) WHERE value = c.spec)";

static double known(const char *text) {
    return text ? strtod(text, NULL) : NAN;
}

static int read_facts(void *context, int columns, const char *const *text) {
    if (columns == 3)
        *(hy_phase_facts *)context = (hy_phase_facts){known(text[0]), known(text[1]), known(text[2])};
    return 0;
}

int hy_store_phase_facts(hy_store *store, const char *campaign, const char *trace, hy_phase_facts *ret_facts,
                         hy_error *error) {
    const char *const arguments[] = {campaign, trace, NULL};
    *ret_facts = (hy_phase_facts){NAN, NAN, NAN};
    return hy_store_query(store, facts_sql, arguments, read_facts, ret_facts, error);
}

int hy_store_phases(hy_store *store, const char *campaign, const char *trace, const char *specs, hy_row *row,
                    void *context, hy_error *error) {
    const char *const arguments[] = {campaign, trace, specs, NULL};
    return hy_store_has_table(store, "phase") ? hy_store_query(store, phases_sql, arguments, row, context, error) : 0;
}
