/* SPDX-License-Identifier: MIT
 *
 * simulate.c - how often hy_judge is wrong, and how often it finds what is there, on simulated campaigns.
 *
 *   simulate false [CAMPAIGNS [ROUNDS]]   nothing differs: in how many campaigns is there any false verdict?
 *   simulate power [CAMPAIGNS]            one allocator 5 % slower, or 0.5 %: is it found, is it left alone?
 *   simulate tables [CAMPAIGNS]           how often 5 % are found, by noise and rounds; how often the interval is
 * right; whether the rounds that a pilot asks for give the precision wanted
 *
 * TAP on standard output, tables as comments in it; the command and nothing else decides every number.  Bounds are
 * those of a binomial distribution, exceeded by chance in one of a hundred: 67 of 1000 where 5 % may be wrong.
 */
#include "bootstrap.h"
#include "judge.h"
#include "repetitions.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRACES 7
#define SPECS 8 /* beside the baseline, and its control */
#define MOST_ROUNDS 400

/* What a cell takes: level × noise × what its round, or its neighbours in time, have in common × sometimes an outlier.
 */
typedef struct noise {
    const char *name;
    double spread;    /* of the logarithm of each cell */
    double round;     /* of each round's own level, shared by all its cells */
    double keeps;     /* of that level from round to round (AR 1) */
    double neighbour; /* spread of what goes on from cell to cell (AR 1), slowly */
    double outliers;  /* share of cells that are hit */
    double outlier;   /* mean of what they take longer */
    double slow;      /* the machine has two speeds: the logarithm of their ratio */
    double turns;     /* how likely it changes its speed between two cells */
} noise;

#define POWER_KINDS 4 /* the first of these, with spreads of their own */
#define NEIGHBOUR_KEEPS 0.95

static const noise noises[] = {
    {"log-normal", 0.05, 0, 0, 0, 0, 0, 0, 0},
    {"and rounds drift by 10 %", 0.05, 0.10, 0.9, 0, 0, 0, 0, 0},
    {"and 10 % outliers of +50 %", 0.05, 0.10, 0.9, 0, 0.10, 0.5, 0, 0},
    {"two speeds, outliers", 0.05, 0, 0, 0, 0.10, 0.5, 0.4, 0.02},
    {"cells in a row alike (AR 1), outliers", 0.02, 0, 0, 0.10, 0.10, 0.5, 0, 0},
};

/* ---------------------------------------------------------------------------------------------------- random numbers
 */

typedef struct source {
    uint64_t seed, place;
} source;

static double source_share(source *s) {
    return ((double)(hy_random_at(s->seed, s->place++) >> 11) + 0.5) * 0x1p-53;
}

/* Box and Muller, one of the two. */
static double source_normal(source *s) {
    const double radius = sqrt(-2 * log(source_share(s)));
    return radius * cos(2 * M_PI * source_share(s));
}

static void source_shuffle(source *s, unsigned *items, unsigned n) {
    for (unsigned i = n; i > 1; i--) {
        const unsigned k = (unsigned)(source_share(s) * i), item = items[i - 1];
        items[i - 1] = items[k];
        items[k] = item;
    }
}

/* ---------------------------------------------------------------------------------------------------------- campaign
 */

/* Columns are cells (trace by trace: baseline, control, then the others); in each, one value a round. */
typedef struct campaign {
    unsigned traces, specs, rounds;
    double *values; /* [(trace * (specs + 2) + cell) * MOST_ROUNDS + round] */
} campaign;

static double *campaign_column(const campaign *c, unsigned trace, unsigned cell) {
    return c->values + (size_t)(trace * (c->specs + 2) + cell) * MOST_ROUNDS;
}

/* Runs it: in each round all cells in an order of its own.  The last spec of the first trace takes `slower` as long. */
static void campaign_run(const campaign *c, const noise *n, double slower, source *s) {
    unsigned order[TRACES * (SPECS + 2)];
    const unsigned cells = c->traces * (c->specs + 2);
    double level = n->round * source_normal(s), near = n->neighbour * source_normal(s);
    bool slow = false;
    for (unsigned i = 0; i < cells; i++)
        order[i] = i;
    for (unsigned r = 0; r < c->rounds; r++) {
        source_shuffle(s, order, cells);
        for (unsigned i = 0; i < cells; i++) {
            double x = level + near + (slow ? n->slow : 0) + n->spread * source_normal(s);
            if (n->outliers > 0 && source_share(s) < n->outliers)
                x += log1p(-n->outlier * log(source_share(s)));
            c->values[(size_t)order[i] * MOST_ROUNDS + r] = 100 * exp(x) * (order[i] == c->specs + 1 ? slower : 1);
            near = n->neighbour > 0 ? NEIGHBOUR_KEEPS * near +
                                          sqrt(1 - NEIGHBOUR_KEEPS * NEIGHBOUR_KEEPS) * n->neighbour * source_normal(s)
                                    : 0;
            slow ^= n->turns > 0 && source_share(s) < n->turns;
        }
        level = n->keeps * level + sqrt(1 - n->keeps * n->keeps) * n->round * source_normal(s);
    }
}

/* The contests of each trace: the control first, in a group of its own, so that it withholds nothing here. */
static unsigned campaign_contests(const campaign *c, hy_contest *contests) {
    unsigned count = 0;
    for (unsigned t = 0; t < c->traces; t++)
        for (unsigned k = 1; k < c->specs + 2; k++)
            contests[count++] = (hy_contest){.ours = campaign_column(c, t, k),
                                             .theirs = campaign_column(c, t, 0),
                                             .our_count = c->rounds,
                                             .their_count = c->rounds,
                                             .shared = true,
                                             .control = k == 1,
                                             .group = k == 1 ? TRACES + t : t};
    return count;
}

static campaign campaign_make(unsigned traces, unsigned specs, unsigned rounds) {
    const campaign c = {traces, specs, rounds, calloc((size_t)traces * (specs + 2) * MOST_ROUNDS, sizeof(double))};
    if (!c.values)
        abort();
    return c;
}

static void campaign_judge(const hy_contest *contests, unsigned n, const hy_rules *rules, hy_judgement *judgements) {
    if (hy_judge(contests, n, rules, judgements) < 0)
        abort();
}

/* -------------------------------------------------------------------------------------------------------------- TAP */

static unsigned tap_count, tap_failed;

static void tap_case(bool ok, const char *name) {
    printf("%sok %u - %s\n", ok ? "" : "not ", ++tap_count, name);
    tap_failed += !ok;
}

/* The most that may be wrong of n if each is wrong with `share` at most: exceeded by chance in 1 % of all simulations.
 */
static unsigned tap_bound(unsigned n, double share) {
    double chance = pow(1 - share, n), below = chance;
    unsigned k = 0;
    for (; below < 0.99 && k < n; k++) {
        chance *= (double)(n - k) / (k + 1) * share / (1 - share);
        below += chance;
    }
    return k;
}

/* ---------------------------------------------------------------------------------------------------- false verdicts
 */

typedef struct errors {
    unsigned campaigns, contests, controls; /* with a false verdict */
} errors;

/* With a margin of 0: no difference is too small to be a false one. */
static errors false_count(const noise *n, unsigned rounds, unsigned campaigns) {
    const campaign c = campaign_make(TRACES, SPECS, rounds);
    hy_contest contests[TRACES * (SPECS + 1)];
    hy_judgement judgements[TRACES * (SPECS + 1)];
    hy_rules rules = HY_RULES_DEFAULT;
    rules.margin = 0;
    rules.differences_only = true;
    errors e = {0, 0, 0};
    for (unsigned i = 0; i < campaigns; i++) {
        campaign_run(&c, n, 1, &(source){i, 0});
        const unsigned count = campaign_contests(&c, contests);
        campaign_judge(contests, count, &rules, judgements);
        unsigned wrong[2] = {0, 0};
        for (unsigned k = 0; k < count; k++)
            wrong[contests[k].control] += hy_word_differs(judgements[k].word);
        e.campaigns += wrong[false] > 0;
        e.contests += wrong[false];
        e.controls += wrong[true] > 0;
    }
    free(c.values);
    return e;
}

static void false_row(const noise *n, unsigned rounds, unsigned campaigns, unsigned bound) {
    char name[160];
    const errors e = false_count(n, rounds, campaigns);
    snprintf(name, sizeof name,
             "%s, spread %.0f %%, %u rounds: false verdicts in %u of %u campaigns (%u of %u comparisons)", n->name,
             100 * n->spread, rounds, e.campaigns, campaigns, e.contests, campaigns * TRACES * SPECS);
    tap_case(e.campaigns <= bound, name);
    snprintf(name, sizeof name, "%s, spread %.0f %%, %u rounds: a control differs in %u of %u campaigns", n->name,
             100 * n->spread, rounds, e.controls, campaigns);
    tap_case(e.controls <= bound, name);
}

static void false_all(unsigned campaigns, unsigned only) {
    static const unsigned rounds[] = {8, 15, 30};
    const unsigned bound = tap_bound(campaigns, 0.05);
    printf(
        "# %d traces x %d allocators, nothing differs, margin 0; at most %u of %u campaigns may have a false verdict\n",
        TRACES, SPECS, bound, campaigns);
    for (size_t i = 0; i < sizeof noises / sizeof noises[0]; i++)
        for (size_t r = 0; r < sizeof rounds / sizeof rounds[0]; r++)
            if (only == 0 || only == rounds[r])
                false_row(&noises[i], rounds[r], campaigns, bound);
}

/* ------------------------------------------------------------------------------------------------------------- power
 */

typedef struct found {
    unsigned slower, faster, equivalent, unsure;
} found;

static found power_count(const noise *n, unsigned traces, unsigned specs, unsigned rounds, double slower,
                         unsigned campaigns) {
    const campaign c = campaign_make(traces, specs, rounds);
    hy_contest contests[TRACES * (SPECS + 1)];
    hy_judgement judgements[TRACES * (SPECS + 1)];
    hy_rules rules = HY_RULES_DEFAULT;
    rules.differences_only = slower > 1.02;
    found f = {0, 0, 0, 0};
    for (unsigned i = 0; i < campaigns; i++) {
        campaign_run(&c, n, slower, &(source){1000000 + i, 0});
        const unsigned count = campaign_contests(&c, contests);
        campaign_judge(contests, count, &rules, judgements);
        const char *const word = judgements[specs].word;
        f.slower += strcmp(word, HY_WORD_SLOWER) == 0;
        f.faster += strcmp(word, HY_WORD_FASTER) == 0;
        f.equivalent += strcmp(word, HY_WORD_EQUIVALENT) == 0;
        f.unsure += strcmp(word, HY_WORD_INCONCLUSIVE) == 0;
    }
    free(c.values);
    return f;
}

static const double power_spreads[] = {0.01, 0.02, 0.05, 0.10};
static const unsigned power_rounds[] = {8, 15, 30, 60, 120};
#define POWER_SPREADS (sizeof power_spreads / sizeof power_spreads[0])
#define POWER_ROUNDS (sizeof power_rounds / sizeof power_rounds[0])

static void power_table(unsigned traces, unsigned specs, unsigned campaigns) {
    printf("# 5 %% slower, one of %u comparisons, %u campaigns each: %% of them in which it is found, after so many "
           "rounds\n",
           traces * specs, campaigns);
    printf("# %-40s %6s", "noise", "spread");
    for (size_t r = 0; r < POWER_ROUNDS; r++)
        printf(" %6u", power_rounds[r]);
    for (size_t i = 0; i < POWER_KINDS; i++)
        for (size_t k = 0; k < POWER_SPREADS; k++) {
            noise n = noises[i];
            n.spread = power_spreads[k];
            printf("\n# %-40s %4.0f %%", n.name, 100 * n.spread);
            for (size_t r = 0; r < POWER_ROUNDS; r++) {
                const found f = power_count(&n, traces, specs, power_rounds[r], 1.05, campaigns);
                printf(" %6.1f", 100.0 * f.slower / campaigns);
                fflush(stdout);
            }
        }
    putchar('\n');
}

/* What docs/verdicts.md promises, for one comparison: at least 90 of 100 are found where 5 % are planted; where 0.5 %
 * are, which is far within the margin, none is once the interval is as narrow as the margin, and else no more than
 * alpha. */
static void power_promise(const noise *kind, double spread, unsigned rounds, bool narrow, unsigned campaigns) {
    char name[160];
    noise n = *kind;
    n.spread = spread;
    const found large = power_count(&n, 1, 1, rounds, 1.05, campaigns),
                small = power_count(&n, 1, 1, rounds, 1.005, campaigns);
    snprintf(name, sizeof name, "%s, spread %.0f %%, %u rounds: 5 %% slower is found in %u of %u campaigns", n.name,
             100 * spread, rounds, large.slower, campaigns);
    tap_case(campaigns - large.slower <= tap_bound(campaigns, 0.10), name);
    snprintf(name, sizeof name, "%s, spread %.0f %%, %u rounds: 0.5 %% is called slower in %u of %u, equivalent in %u",
             n.name, 100 * spread, rounds, small.slower, campaigns, small.equivalent);
    tap_case(small.slower + small.faster <= (narrow ? 0 : tap_bound(campaigns, 0.05)), name);
}

static void power_all(unsigned campaigns) {
    power_promise(&noises[0], 0.02, 15, false, campaigns);
    power_promise(&noises[0], 0.02, 60, true, campaigns);
    power_promise(&noises[1], 0.02, 60, false, campaigns);
    power_promise(&noises[2], 0.02, 120, false, campaigns);
    power_promise(&noises[3], 0.02, 120, false, campaigns);
}

/* ---------------------------------------------------------------------------------------------------------- coverage
 */

/* How often the interval of a single comparison holds the true ratio, 1. */
static double coverage_count(const noise *n, unsigned rounds, bool shared, unsigned campaigns) {
    const campaign c = campaign_make(1, 1, rounds);
    const hy_rules rules = HY_RULES_DEFAULT;
    hy_contest contests[2];
    hy_judgement judgements[2];
    unsigned held = 0;
    for (unsigned i = 0; i < campaigns; i++) {
        campaign_run(&c, n, 1, &(source){3000000 + i, 0});
        campaign_contests(&c, contests);
        contests[1].shared = shared;
        campaign_judge(&contests[1], 1, &rules, judgements);
        held += judgements[0].low <= 1 && judgements[0].high >= 1;
    }
    free(c.values);
    return 100.0 * held / campaigns;
}

static void coverage_table(unsigned campaigns) {
    printf("# %% of 95 %% intervals that hold the true ratio, %u campaigns each: rounds shared, and taken as "
           "independent\n",
           campaigns);
    printf("# %-40s %8s", "noise", "");
    for (size_t r = 0; r < POWER_ROUNDS; r++)
        printf(" %6u", power_rounds[r]);
    for (size_t i = 0; i < sizeof noises / sizeof noises[0]; i++)
        for (int shared = 1; shared >= 0; shared--) {
            printf("\n# %-40s %8s", noises[i].name, shared ? "shared" : "apart");
            for (size_t r = 0; r < POWER_ROUNDS; r++)
                printf(" %6.1f", coverage_count(&noises[i], power_rounds[r], shared, campaigns));
        }
    putchar('\n');
}

/* ------------------------------------------------------------------------------------------------------------ rounds
 */

#define PILOT 7

static void rounds_row(const noise *kind, double spread, double precision, unsigned campaigns) {
    noise n = *kind;
    n.spread = spread;
    unsigned kept = 0, capped = 0;
    double sum = 0, widths = 0;
    const hy_rules rules = HY_RULES_DEFAULT;
    for (unsigned i = 0; i < campaigns; i++) {
        campaign c = campaign_make(1, 1, MOST_ROUNDS);
        campaign_run(&c, &n, 1, &(source){2000000 + i, 0});
        hy_contest contests[2];
        hy_judgement judgements[2];
        c.rounds = PILOT;
        campaign_contests(&c, contests);
        const size_t wanted = hy_rounds_needed(&contests[1], precision);
        capped += wanted > MOST_ROUNDS;
        c.rounds = wanted > MOST_ROUNDS ? MOST_ROUNDS : (unsigned)wanted;
        campaign_contests(&c, contests);
        campaign_judge(contests, 2, &rules, judgements);
        const double width = sqrt(judgements[1].high / judgements[1].low) - 1;
        kept += width <= precision;
        sum += c.rounds;
        widths += width / campaigns;
        free(c.values);
    }
    printf("# %-40s %4.0f %% %8.1f %% %8.1f %8u %10.2f %% %8.1f %%\n", kind->name, 100 * spread, 100 * precision,
           sum / campaigns, capped, 100 * widths, 100.0 * kept / campaigns);
}

static void rounds_table(unsigned campaigns) {
    printf("# a pilot of %d rounds asks for so many that half the interval is as wanted; %d at most; %u campaigns\n",
           PILOT, MOST_ROUNDS, campaigns);
    printf("# %-40s %6s %10s %8s %8s %12s %10s\n", "noise", "spread", "precision", "rounds", "capped", "half width",
           "kept");
    for (size_t i = 0; i < POWER_KINDS; i++)
        for (size_t k = 0; k < 3; k++)
            rounds_row(&noises[i], power_spreads[k], power_spreads[k] / 2, campaigns);
}

/* -------------------------------------------------------------------------------------------------------------- main
 */

int main(int argc, char **argv) {
    const char *const what = argc > 1 ? argv[1] : "";
    const unsigned campaigns = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1000;
    if (strcmp(what, "false") == 0)
        false_all(campaigns, argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0);
    else if (strcmp(what, "power") == 0)
        power_all(campaigns);
    else if (strcmp(what, "tables") == 0) {
        power_table(1, 1, campaigns);
        power_table(TRACES, SPECS, campaigns);
        coverage_table(campaigns);
        rounds_table(campaigns);
    } else {
        fprintf(stderr, "usage: simulate false|power|tables [CAMPAIGNS [ROUNDS]]\n");
        return 2;
    }
    printf("1..%u\n", tap_count);
    return tap_failed > 0;
}
