/* SPDX-License-Identifier: MIT
 *
 * html_maps.c - the chapter of heap maps: what the map pass stored, in base64, for the scripts heapmap*.js to draw.
 *
 * A trace's lives are written once and its allocators' places refer to them.  Both stay packed as they are in the
 * database; the browser unpacks those that are looked at.  Without a script, the sentence says how to draw one.
 */
#include "html.h"
#include "phase_spans.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define MAPS_END 1e18 /* the last phase's: beyond any clock */

typedef struct maps_context {
    const hy_study *study;
    FILE *out;
    char *lives;      /* written last, in hexadecimal */
    unsigned *number; /* of these */
    double limit;     /* bytes of the best packing found; 0: not known */
} maps_context;

/* ------------------------------------------------------------------------------------------------------ writing ----
 */

static unsigned maps_digit(char letter) {
    return letter <= '9' ? (unsigned)(letter - '0') : (unsigned)(letter - 'A' + 10);
}

/* The byte whose two digits start at `hex`, or 0 behind the end. */
static unsigned maps_byte(const char *hex, size_t digits, size_t at) {
    return at + 1 < digits ? maps_digit(hex[at]) << 4 | maps_digit(hex[at + 1]) : 0;
}

static void maps_base64(const char *hex, FILE *out) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const size_t digits = strlen(hex);
    for (size_t at = 0; at < digits; at += 6) {
        const unsigned bits =
            maps_byte(hex, digits, at) << 16 | maps_byte(hex, digits, at + 2) << 8 | maps_byte(hex, digits, at + 4);
        const unsigned padding = at + 4 > digits ? 2 : at + 6 > digits ? 1 : 0;
        for (unsigned i = 0; i < 4; i++)
            fputc(i >= 4 - padding ? '=' : letters[bits >> (18 - 6 * i) & 63], out);
    }
}

/* Phases of the program: [[bytes where it begins, where it ends, name], …]; nothing if they cannot be read. */
static void maps_phases(const maps_context *c) {
    hy_phase_spans spans = {.count = 0};
    json_t *const list = json_array();
    if (hy_load_phase_spans(c->study, MAPS_END, &spans, NULL) == 0)
        for (size_t i = 0; i < spans.count; i++)
            json_array_append_new(list,
                                  json_pack("[f,f,s]", spans.span[i].start, spans.span[i].end, spans.span[i].name));
    char *const text = json_dumps(list, JSON_COMPACT | JSON_REAL_PRECISION(15));
    if (spans.count > 0 && text) {
        fputs(" data-phases=\"", c->out);
        hy_html(c->out, text);
        fputc('"', c->out);
    }
    free(text);
    json_decref(list);
    hy_phase_spans_free(&spans);
}

static void maps_lives(maps_context *c, const char *hex) {
    free(c->lives);
    c->lives = strdup(hex);
    fprintf(c->out,
            "<script type=\"text/plain\" class=\"heapmap-lives\" data-lives=\"%u\" data-trace=\"%u\" "
            "data-limit=\"%.0f\" data-name=\"",
            ++*c->number, c->study->number, c->limit);
    hy_html(c->out, c->study->name);
    fputc('"', c->out);
    maps_phases(c);
    fputc('>', c->out);
    maps_base64(hex, c->out);
    fputs("</script>\n", c->out);
}

/* spec, lives, places */
static int maps_row(void *context, int columns, const char *const *text) {
    maps_context *const c = context;
    if (columns != 3)
        return 0;
    if (!c->lives || strcmp(c->lives, text[1]) != 0)
        maps_lives(c, text[1]);
    fprintf(c->out, "<script type=\"text/plain\" class=\"heapmap-places\" data-lives=\"%u\" data-spec=\"", *c->number);
    hy_html(c->out, text[0]);
    fputs("\">", c->out);
    maps_base64(text[2], c->out);
    fputs("</script>\n", c->out);
    return 0;
}

/* ------------------------------------------------------------------------------------------------------ reading ----
 */

static int maps_number(void *context, int columns, const char *const *text) {
    if (columns == 1 && text[0])
        *(double *)context = strtod(text[0], NULL);
    return 0;
}

static double maps_count(const hy_study *study) {
    const char *const arguments[] = {study->campaign_id, study->trace_id, NULL};
    double count = 0;
    if (hy_store_has_table(study->store, "heapmap"))
        hy_store_query(
            study->store,
            "SELECT count(*) FROM heapmap h JOIN cell c ON c.id = h.cell WHERE c.campaign = ?1 AND c.trace = ?2",
            arguments, maps_number, &count, NULL);
    return count;
}

static double maps_limit(const hy_study *study) {
    const char *const arguments[] = {study->trace_id, NULL};
    double limit = 0;
    if (hy_store_has_table(study->store, "bound"))
        hy_store_query(study->store, "SELECT min(upper) FROM bound WHERE trace = ?1", arguments, maps_number, &limit,
                       NULL);
    return limit;
}

static int maps_of_study(const hy_study *study, unsigned *number, FILE *out, hy_error *error) {
    const char *const arguments[] = {study->campaign_id, study->trace_id, NULL};
    maps_context c = {.study = study, .out = out, .number = number, .limit = maps_limit(study)};
    const int r =
        maps_count(study) == 0
            ? 0
            : hy_store_query(study->store,
                             "SELECT c.spec, hex(h.lives), hex(h.places) FROM heapmap h JOIN cell c ON c.id = h.cell "
                             "WHERE c.campaign = ?1 AND c.trace = ?2 ORDER BY c.spec",
                             arguments, maps_row, &c, error);
    free(c.lives);
    return r;
}

/* ------------------------------------------------------------------------------------------------------ chapter ----
 */

static const char maps_words[] =
    "<p>The same requests, each allocator’s places. Left: the history of a heap, addresses upwards (gaps between "
    "regions "
    "left out), the allocation clock to the right. Right: the moment under the cursor, each row of addresses spread "
    "out. "
    "The full line is all that lives, packed without a gap; what is above it is the price of the places chosen.</p>\n"
    "<p class=\"note heapmap-hint\">Drag through the history, or use the arrow keys; Ctrl and the wheel, or two "
    "fingers, zoom. "
    "Point at "
    "a block for its size, age and call, and to see where the same block lies in the other heaps. The blocks of "
    "largest "
    "size × lifetime are shown exactly, all others as grain.</p>\n"
    "<div id=\"heapmaps\"><p class=\"note\">The maps need a script, which this browser does not run (or it cannot "
    "unpack "
    "them: Chromium 80, Firefox 113, Safari 16.4 and later can). <code>heapyard map TRACE -a SPEC --over-time "
    "map.svg</code> draws one.</p></div>\n";

int html_maps(const hy_report *report, FILE *out, hy_error *error) {
    double count = 0;
    unsigned number = 0;
    int r = 0;
    for (size_t i = 0; i < report->count; i++)
        count += maps_count(&report->studies[i]);
    fputs("<section id=\"maps\"><h2>Heap maps</h2>\n", out);
    if (count == 0)
        fputs(
            "<p class=\"note\">None were recorded. <code>heapyard replay TRACE… --pass throughput,latency,footprint,map"
            "</code> does.</p>\n",
            out);
    else
        fputs(maps_words, out);
    for (size_t i = 0; i < report->count && r == 0; i++)
        r = maps_of_study(&report->studies[i], &number, out, error);
    fputs("</section>\n", out);
    return r;
}
