/* SPDX-License-Identifier: MIT
 *
 * reloc_diff.c - `heapyard reloc diff`: our loader against GNU ld, member by member.
 */
#include "json_text.h"
#include "linker.h"
#include "lists.h"
#include "measure.h"
#include "rel_names.h"
#include "reloc_parts.h"
#include "report.h"
#include "units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct diff_options {
    const char *file, *linker, *explained;
    char **members; /* only these; NULL: all */
    size_t member_count;
    uint64_t bases, seed, base, every;
    hy_format format;
} diff_options;

/* Members for which a difference is expected, with the reason, from a file: "MEMBER: REASON" lines. */
typedef struct diff_explained {
    char *text;
    hy_rel_names numbers;
    struct diff_reason {
        const char *member, *reason;
        bool met;
    } * reasons;
    size_t count;
} diff_explained;

typedef enum diff_verdict { DIFF_EQUAL, DIFF_EXPLAINED, DIFF_UNEXPLAINED, DIFF_VANISHED } diff_verdict;
static const char *const verdict_words[] = {"equal", "explained", "unexplained", "vanished"};

typedef struct diff_totals {
    uint64_t members, verdicts[4], relocations, links, bytes[HY_LINK_CLASSES];
} diff_totals;

/* ---------------------------------------------------------------------------------------------- the explained list
 * ---- */

static int explained_line(diff_explained *list, const char *path, char *line, size_t number) {
    char *const colon = strstr(line, ": ");
    line += strspn(line, " \t");
    if (*line == '\0' || *line == '#')
        return 0;
    if (!colon || colon[2] == '\0')
        return cmd_fail("%s:%zu: expected \"MEMBER: REASON\"", path, number);
    *colon = '\0';
    if (hy_rel_names_find(&list->numbers, line) != HY_REL_NO_NUMBER)
        return cmd_fail("%s:%zu: %s stands there twice", path, number, line);
    struct diff_reason *const more = hy_list_more(list->reasons, list->count, sizeof *more);
    if (!more || hy_rel_names_put(&list->numbers, line, (uint32_t)list->count) < 0)
        abort();
    list->reasons = more;
    more[list->count++] = (struct diff_reason){line, colon + 2, false};
    return 0;
}

static int explained_read(diff_explained *list, const char *path) {
    hy_error error;
    void *bytes = NULL;
    size_t size = 0, number = 0;
    if (hy_rel_file_read(path, &bytes, &size, &error) < 0)
        return cmd_fail("%s", error.text);
    list->text = bytes;
    list->text[size] = '\0'; /* there is room for one more */
    for (char *line = list->text, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        const int r = explained_line(list, path, line, ++number);
        if (r != 0)
            return r;
    }
    return 0;
}

static void explained_free(diff_explained *list) {
    hy_rel_names_free(&list->numbers);
    free(list->reasons);
    free(list->text);
}

static diff_verdict judge(diff_explained *list, const char *member, const hy_link_result *result,
                          const char **ret_reason) {
    const uint32_t number = hy_rel_names_find(&list->numbers, member);
    struct diff_reason *const reason = number == HY_REL_NO_NUMBER ? NULL : &list->reasons[number];
    *ret_reason = reason ? reason->reason : "";
    if (reason)
        reason->met = true;
    if (result->outcome == HY_LINK_EQUAL)
        return reason ? DIFF_VANISHED : DIFF_EQUAL;
    return reason ? DIFF_EXPLAINED : DIFF_UNEXPLAINED;
}

/* ----------------------------------------------------------------------------------------------------- answers ---- */

static const char header[] =
    "member,verdict,bases,relocations,got_slots,code_bytes,constant_bytes,data_bytes,different_bytes,difference,reason";

static void print_csv(const char *member, diff_verdict verdict, const hy_link_result *r, const char *reason) {
    hy_csv(stdout, member);
    printf(",%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",",
           verdict_words[verdict], r->bases, r->relocations, r->got_slots, r->bytes[HY_LINK_CODE],
           r->bytes[HY_LINK_CONSTANTS], r->bytes[HY_LINK_DATA], r->different);
    hy_csv(stdout, r->text);
    fputc(',', stdout);
    hy_csv(stdout, reason);
    fputc('\n', stdout);
}

static json_t *json_of(const char *member, diff_verdict verdict, const hy_link_result *r, const char *reason) {
    return json_pack("{s:o,s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:o,s:o}", "member", cmd_json_text(member), "verdict",
                     verdict_words[verdict], "bases", (json_int_t)r->bases, "relocations", (json_int_t)r->relocations,
                     "got_slots", (json_int_t)r->got_slots, "code_bytes", (json_int_t)r->bytes[HY_LINK_CODE],
                     "constant_bytes", (json_int_t)r->bytes[HY_LINK_CONSTANTS], "data_bytes",
                     (json_int_t)r->bytes[HY_LINK_DATA], "different_bytes", (json_int_t)r->different, "difference",
                     cmd_json_text(r->text), "reason", cmd_json_text(reason));
}

static void print_text(const char *member, diff_verdict verdict, const hy_link_result *r, const char *reason) {
    if (verdict != DIFF_EQUAL)
        printf("%s: %s%s%s%s%s\n", member, verdict_words[verdict], *r->text ? ": " : "", r->text,
               *reason ? "; listed: " : "", reason);
}

static void print_sentence(const diff_options *options, const diff_totals *t, const char *version) {
    printf("%s, %s: %s of %s members equal at %s %s each, %s relocations, %s of code, %s of constants, %s of data "
           "compared in %s links; %s explained, %s unexplained, %s listed but equal\n",
           options->file, version, hy_show_count(t->verdicts[DIFF_EQUAL]).text, hy_show_count(t->members).text,
           hy_show_count(options->base ? 1 : options->bases).text, options->base ? "base" : "random bases",
           hy_show_count(t->relocations).text, hy_show_bytes(t->bytes[HY_LINK_CODE]).text,
           hy_show_bytes(t->bytes[HY_LINK_CONSTANTS]).text, hy_show_bytes(t->bytes[HY_LINK_DATA]).text,
           hy_show_count(t->links).text, hy_show_count(t->verdicts[DIFF_EXPLAINED]).text,
           hy_show_count(t->verdicts[DIFF_UNEXPLAINED]).text, hy_show_count(t->verdicts[DIFF_VANISHED]).text);
}

static void count(diff_totals *t, diff_verdict verdict, const hy_link_result *r) {
    t->members++;
    t->verdicts[verdict]++;
    t->relocations += r->relocations;
    t->links += r->bases;
    for (int i = 0; i < HY_LINK_CLASSES; i++)
        t->bytes[i] += r->bytes[i];
}

/* ------------------------------------------------------------------------------------------------------- working ----
 */

typedef struct diff_work {
    const diff_options *options;
    const volatile sig_atomic_t *stop; /* the linker's folder is not left behind */
    hy_linker *linker;
    diff_explained explained;
    diff_totals totals;
    json_t *rows;
} diff_work;

static bool is_wanted(const diff_options *options, const char *member, size_t index) {
    if (options->member_count == 0)
        return options->every <= 1 || index % options->every == 0;
    for (size_t i = 0; i < options->member_count; i++)
        if (strcmp(options->members[i], member) == 0)
            return true;
    return false;
}

/* A member that cannot be read or linked is a difference too: in the answer, not the end. */
static void compare_item(diff_work *work, const cmd_reloc_item *item) {
    hy_error error;
    hy_link_result result;
    const char *reason;
    const hy_link_bases bases = {.base = work->options->base,
                                 .seed = work->options->seed,
                                 .count = (unsigned)work->options->bases,
                                 .stop = work->stop};
    if (hy_linker_compare(work->linker, item->name, item->bytes, item->size, bases, &result, &error) < 0) {
        result.outcome = HY_LINK_REFUSED;
        snprintf(result.text, sizeof result.text, "%.390s", error.text);
    }
    if (*work->stop) /* the terminal's signal has ended the linker, too */
        return;
    const diff_verdict verdict = judge(&work->explained, item->member, &result, &reason);
    count(&work->totals, verdict, &result);
    if (work->options->format == HY_FORMAT_CSV)
        print_csv(item->member, verdict, &result, reason);
    else if (work->options->format == HY_FORMAT_JSON)
        json_array_append_new(work->rows, json_of(item->member, verdict, &result, reason));
    else
        print_text(item->member, verdict, &result, reason);
}

/* What is listed and is not in the archive at all has vanished too. */
static void count_missing(diff_work *work) {
    const diff_options *const options = work->options;
    for (size_t i = 0; i < work->explained.count; i++) {
        const struct diff_reason *const r = &work->explained.reasons[i];
        if (r->met || options->member_count > 0 || options->every > 1)
            continue;
        work->totals.verdicts[DIFF_VANISHED]++;
        fprintf(stderr, "heapyard: %s: %s is not in %s\n", options->explained, r->member, options->file);
    }
}

static int compare_all(diff_work *work, const cmd_reloc_input *input) {
    cmd_reloc_item item;
    if (work->options->format == HY_FORMAT_CSV)
        puts(header);
    for (size_t i = 0; !*work->stop && cmd_reloc_item_at(input, i, &item); i++)
        if (is_wanted(work->options, item.member, i))
            compare_item(work, &item);
    if (*work->stop) {
        fprintf(stderr, "heapyard: stopped after %" PRIu64 " members\n", work->totals.members);
        return 128 + (int)*work->stop;
    }
    if (work->totals.members == 0)
        return cmd_fail("%s: no member is compared", work->options->file);
    count_missing(work);
    if (work->options->format == HY_FORMAT_JSON && json_dumpf(work->rows, stdout, JSON_INDENT(1)) == 0)
        putchar('\n');
    if (work->options->format == HY_FORMAT_TEXT)
        print_sentence(work->options, &work->totals, hy_linker_version(work->linker));
    const uint64_t *const v = work->totals.verdicts;
    return v[DIFF_UNEXPLAINED] || v[DIFF_VANISHED] ? HY_EXIT_MEASURED : HY_EXIT_OK;
}

static int work_on(const diff_options *options) {
    hy_error error;
    cmd_reloc_input input;
    diff_work work = {.options = options, .stop = cmd_listen_for_stop(), .rows = json_array()};
    int code = cmd_reloc_open(options->file, &input);
    if (code == 0 && options->explained)
        code = explained_read(&work.explained, options->explained);
    if (code == 0 && hy_linker_create(options->linker, &work.linker, &error) < 0)
        code = cmd_fail("%s", error.text);
    code = code ? code : compare_all(&work, &input);
    hy_linker_free(work.linker);
    explained_free(&work.explained);
    cmd_reloc_close(&input);
    json_decref(work.rows);
    return code;
}

/* ------------------------------------------------------------------------------------------------------- options ----
 */

enum { KEY_BASES = 256, KEY_BASE, KEY_SEED, KEY_LD, KEY_EXPLAINED, KEY_FORMAT, KEY_EVERY };

static const struct argp_option option_table[] = {
    {"bases", KEY_BASES, "N", 0, "compare at N random bases (default 3)", 0},
    {"base", KEY_BASE, "ADDRESS", 0, "compare at this base alone, a multiple of the page size", 0},
    {"seed", KEY_SEED, "N", 0, "of the bases and the addresses around them (default 1)", 0},
    {"every", KEY_EVERY, "N", 0, "only every Nth member", 0},
    {"explained", KEY_EXPLAINED, "FILE", 0, "members that differ for a reason: lines \"MEMBER: REASON\"", 0},
    {"ld", KEY_LD, "PROGRAM", 0, "the linker (default: ld along PATH)", 0},
    {"format", KEY_FORMAT, "text|csv|json", 0, "default: text", 0},
    {NULL, 0, NULL, 0, NULL, 0}};

static error_t parse(int key, char *argument, struct argp_state *state) {
    diff_options *const options = state->input;
    switch (key) {
    case KEY_BASES: return cmd_number("--bases", argument, 1, 1000000, &options->bases);
    case KEY_SEED: return cmd_number("--seed", argument, 0, UINT64_MAX, &options->seed);
    case KEY_EVERY: return cmd_number("--every", argument, 1, 1000000, &options->every);
    case KEY_LD: options->linker = argument; break;
    case KEY_EXPLAINED: options->explained = argument; break;
    case KEY_BASE:
        if (cmd_reloc_address(argument, &options->base) < 0)
            exit(HY_EXIT_INPUT);
        if (options->base == 0)
            cmd_reloc_refuse("--base %s: expected a multiple of 4096 above 0", argument);
        break;
    case KEY_FORMAT:
        if (cmd_format(argument, &options->format) < 0)
            exit(HY_EXIT_INPUT);
        break;
    case ARGP_KEY_ARG:
        if (!options->file)
            options->file = argument;
        else
            cmd_add_path(&options->members, &options->member_count, argument);
        break;
    case ARGP_KEY_NO_ARGS: cmd_reloc_refuse("expected an object (.o) or an archive (.a)"); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

int cmd_reloc_diff(int argc, char **argv) {
    static const struct argp argp = {
        .options = option_table,
        .parser = parse,
        .args_doc = "FILE [MEMBER…]",
        .doc =
            "Relocates an object, or each member of an archive alone, at random bases, has GNU ld link the same, and "
            "compares the bytes of all sections with contents, and the slots of the GOT."};
    diff_options options = {.linker = "ld", .bases = 3, .seed = 1, .every = 1};
    int code = cmd_parse(&argp, argc, argv, &options);
    if (code == 0 && options.format != HY_FORMAT_TEXT && options.format != HY_FORMAT_CSV &&
        options.format != HY_FORMAT_JSON)
        code = cmd_fail("--format: expected text, csv or json");
    if (code == 0 && options.base % 4096 != 0)
        code = cmd_fail("base %#" PRIx64 " is no multiple of 4096", options.base);
    code = code ? code : work_on(&options);
    free(options.members);
    return code;
}
