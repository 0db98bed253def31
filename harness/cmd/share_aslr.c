/* SPDX-License-Identifier: MIT
 *
 * share_aslr.c - `heapyard share aslr`: how much of an address cannot be foretold.
 */
#include "share_answer.h"

#include "starts.h"
#include "units.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SETTING "/proc/sys/vm/mmap_rnd_bits"
#define SWITCH "/proc/sys/kernel/randomize_va_space"
/* Bits below the setting, for chance: the span of n places varies by a share of about 1/n. */
#define TOLERANCE(n) (0.1 + 10 / (double)(n))

enum { PROGRAM, RANDOMISED, REGION, BITS_SET, BITS_RANGE, BITS_SINGLE, GRAIN, STARTS }; /* the first columns */

static const hy_sheet_column columns[] = {
    {"program", "program", HY_SHEET_WORD},
    {"randomised", "randomised", HY_SHEET_WORD},
    {"region", "region", HY_SHEET_WORD},
    {"setting_bits", "kernel's setting", HY_SHEET_NUMBER},
    {"range_bits", "bits by range", HY_SHEET_NUMBER},
    {"single_bits", "bits by bit", HY_SHEET_NUMBER},
    {"grain", "grain", HY_SHEET_BYTES},
    {"starts", "starts", HY_SHEET_COUNT},
    {"distinct", "places", HY_SHEET_COUNT},
    {"chi_square", "χ² of 31", HY_SHEET_NUMBER},
    {"chance", "chance if even", HY_SHEET_SHARE},
    {"lowest", "lowest", HY_SHEET_HEX},
    {"highest", "highest", HY_SHEET_HEX},
};

/* A program's text moves only if it is position-independent. */
typedef struct condition {
    const char *program, *name;
    bool pie, randomised;
} condition;

static const condition conditions[] = {
    {"heapyard-spot", "position-independent", true, true},
    {"heapyard-spot-fixed", "fixed base", false, true},
    {"heapyard-spot", "position-independent", true, false},
    {"heapyard-spot-fixed", "fixed base", false, false},
};

/* What remains unknown to one who knows the second. */
typedef struct distance {
    const char *name;
    hy_spot of, from;
} distance;

static const distance distances[] = {
    {"heap, if text is known", HY_SPOT_HEAP, HY_SPOT_TEXT},
    {"library, if a mapping is known", HY_SPOT_LIBRARY, HY_SPOT_MAPPING},
    {"vdso, if a mapping is known", HY_SPOT_VDSO, HY_SPOT_MAPPING},
};

/* What the kernel promises for a region by mmap_rnd_bits; NAN: it has a rule of its own. */
static double promised(const condition *c, hy_spot spot, int setting, int on) {
    if (!c->randomised || on == 0)
        return 0;
    if (spot == HY_SPOT_TEXT && !c->pie)
        return 0;
    const bool by_setting =
        spot == HY_SPOT_TEXT || spot == HY_SPOT_LIBRARY || spot == HY_SPOT_MAPPING || spot == HY_SPOT_LARGE;
    return by_setting && setting >= 0 ? setting : (double)NAN;
}

/* Large mappings are said apart: the kernel may align them, and then they have fewer. */
static bool as_promised(const hy_spread *spread, hy_spot spot, double bits) {
    if (isnan(bits) || (spot == HY_SPOT_LARGE && bits > 0))
        return true;
    return bits > 0 ? spread->range_bits >= bits - TOLERANCE(spread->starts) : spread->grain == 0;
}

static void add_row(hy_sheet *sheet, const condition *c, const char *region, double bits, const hy_spread *s,
                    bool place) {
    hy_sheet_add(sheet, HY_SHEET_ROW(HY_WORD(c->name), HY_WORD(c->randomised ? "yes" : "switched off"), HY_WORD(region),
                                     HY_FIGURE(bits), HY_FIGURE(s->range_bits), HY_FIGURE(s->single_bits),
                                     HY_FIGURE(s->grain > 0 ? (double)s->grain : (double)NAN), HY_FIGURE(s->starts),
                                     HY_FIGURE(s->distinct), HY_FIGURE(s->grain > 0 ? s->chi_square : (double)NAN),
                                     HY_FIGURE(s->grain > 0 ? s->chance : (double)NAN),
                                     HY_FIGURE(place ? (double)s->lowest : (double)NAN),
                                     HY_FIGURE(place ? (double)s->highest : (double)NAN)));
}

static void add_condition(share_answer *answer, const condition *c, const hy_starts *starts, int setting, int on) {
    for (int i = 0; i < HY_SPOTS; i++) {
        const hy_spot spot = (hy_spot)i;
        const double bits = promised(c, spot, setting, on);
        const hy_spread spread = hy_starts_spread(starts, spot, HY_SPOTS);
        add_row(&answer->sheet[0], c, hy_spot_name(spot), bits, &spread, true);
        if (!as_promised(&spread, spot, bits))
            answer->code = HY_EXIT_MEASURED;
    }
    for (size_t i = 0; c->randomised && i < sizeof distances / sizeof *distances; i++) {
        const hy_spread spread = hy_starts_spread(starts, distances[i].of, distances[i].from);
        add_row(&answer->sheet[0], c, distances[i].name, (double)NAN, &spread, false);
    }
}

/* Of the first program, by region. */
static double bits_of(const share_answer *answer, hy_spot spot) {
    return share_figure(&answer->sheet[0], (size_t)spot, BITS_RANGE);
}

static void say(share_answer *answer, int setting) {
    snprintf(answer->sentence, sizeof answer->sentence,
             "Over %s starts: text %.1f bits, heap %.1f, libraries %.1f, mappings %.1f, large ones %.1f, stack %.1f, "
             "vdso %.1f (vm.mmap_rnd_bits is %d); the text of a program at a fixed base 0%s.",
             hy_show_count((uint64_t)share_figure(&answer->sheet[0], 0, STARTS)).text, bits_of(answer, HY_SPOT_TEXT),
             bits_of(answer, HY_SPOT_HEAP), bits_of(answer, HY_SPOT_LIBRARY), bits_of(answer, HY_SPOT_MAPPING),
             bits_of(answer, HY_SPOT_LARGE), bits_of(answer, HY_SPOT_STACK), bits_of(answer, HY_SPOT_VDSO), setting,
             answer->warning[0] ? "" : "; everything 0 when it is switched off");
}

static void ask(const share_wish *wish, share_answer *answer) {
    const int setting = hy_starts_setting(SETTING), on = hy_starts_setting(SWITCH);
    answer->sheet[0] = (hy_sheet){.name = "aslr",
                                  .caption = "What of an address cannot be foretold, over many starts of one program",
                                  HY_SHEET_COLUMNS(columns)};
    answer->sheets = 1;
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
        const condition *const c = &conditions[i];
        const size_t few = wish->starts < 64 ? wish->starts : 64; /* enough to see that nothing moves */
        hy_starts starts;
        hy_error error;
        const int r = hy_starts_make(c->program, c->randomised ? wish->starts : few, c->randomised, &starts, &error);
        if (r == -EPERM && !c->randomised) {
            snprintf(answer->warning, sizeof answer->warning, "%.500s", error.text);
            break;
        }
        if (r < 0) {
            share_refused(answer, r, &error);
            return;
        }
        add_condition(answer, c, &starts, setting, on);
        hy_starts_free(&starts);
    }
    say(answer, setting);
}

/* -------------------------------------------------------------------------------------------------------- page ---- */

/* At a fixed base only what differs by it. */
static bool is_drawn(const char *randomised, const char *region, bool fixed) {
    return strcmp(randomised, "yes") == 0 && (!fixed || strcmp(region, hy_spot_name(HY_SPOT_TEXT)) == 0 ||
                                              strcmp(region, hy_spot_name(HY_SPOT_HEAP)) == 0);
}

static void draw(const share_answer *answer, hy_machine_page *page) {
    hy_figure figure = {.plot = "share_aslr",
                        .base = "share-aslr",
                        .title = "Bits of an address that cannot be foretold",
                        .about = "By range, over all starts. The upright line is the kernel's setting "
                                 "(vm.mmap_rnd_bits). Below: what remains when another address is known, and "
                                 "of a program at a fixed base."};
    FILE *const data = hy_machine_data(page);
    const hy_sheet *const sheet = &answer->sheet[0];
    double setting = 0;
    fputs("# style bits region\n", data);
    for (size_t i = 0; i < sheet->rows; i++) {
        const bool fixed = strcmp(share_word(sheet, i, PROGRAM), conditions[1].name) == 0;
        char name[96];
        if (!is_drawn(share_word(sheet, i, RANDOMISED), share_word(sheet, i, REGION), fixed))
            continue;
        snprintf(name, sizeof name, "%s%s", share_word(sheet, i, REGION), fixed ? ", fixed base" : "");
        fprintf(data, "%d %.3f ", fixed ? 2 : i >= HY_SPOTS ? 3 : 1, share_figure(sheet, i, BITS_RANGE));
        hy_dat(data, name);
        fputc('\n', data);
        setting = isnan(share_figure(sheet, i, BITS_SET)) ? setting : fmax(setting, share_figure(sheet, i, BITS_SET));
        figure.rows++;
    }
    snprintf(figure.options, sizeof figure.options, "rows=%zu;setting=%.0f", figure.rows, setting);
    hy_machine_figure(page, &figure);
}

static void tell(const share_answer *answer, hy_machine_page *page) {
    hy_machine_text(page, "Since every process has addresses of its own, a program could lie at one fixed address "
                          "always. It does not, so that who attacks it does not know where anything is. How much is "
                          "not known is counted in bits: n bits are 2^n places, all as likely.");
    draw(answer, page);
    hy_machine_sheet(page, &answer->sheet[0]);
    hy_machine_text(page, "%s", answer->sentence);
    hy_machine_note(page, "By range: the places are taken to be drawn evenly from an interval; χ² over 32 parts of it "
                          "says whether they are (with a chance below 0.1 %% one would doubt it). By bit: Shannon's "
                          "entropy of the single bits without what one tells of another, an upper estimate. The stack "
                          "is random below the page too, so its grain is finer.");
}

const share_part share_aslr = {"aslr", "Randomised addresses", "entropy of each region's address", ask, tell};
