/* SPDX-License-Identifier: MIT
 *
 * page_live_options.c - what `heapyard page live` can be asked, and what it then means.
 */
#include "page_live.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *const hy_hearing_names[] = {"all", "faults", "sample", NULL};

/* ----------------------------------------------------------------------------------------------------- options ---- */

enum { KEY_FOLDER = 256, KEY_FORMAT, KEY_PAGE, KEY_STRING, KEY_SEED, KEY_NO_LOG, KEY_NO_PIN, KEY_PAGES };

#define LIVE_PAGES_MOST ((uint64_t)1 << 26) /* 256 GiB */
#define LIVE_LIST_MOST 64u

static const struct argp_option table[] = {
    {"pages", KEY_PAGES, "N|SIZE", 0, "the range: pages, or bytes as in 2M (default 64; 4G for a program)", 0},
    {"frames", 'f', "N|SIZE,…", 0, "the memory to do it in, one run for each (default an eighth of the range)", 0},
    {"pager", 'p', "SPEC,…", 0, "who has to go (default: all but ws, which takes long; for a program lru)", 0},
    {"hear", 'e', "all|faults|sample", 0, "what the policy hears of references (default all; without a log sample)", 0},
    {"sample", 's', "N", 0, "pages unmapped for a test at each fault, with --hear sample (default 1)", 0},
    {"no-log", KEY_NO_LOG, NULL, 0, "no reference string is kept: nothing to simulate, but the time is the workload's",
     0},
    {"threads", 't', "N", 0, "threads of the workload (no log then)", 0},
    {"rounds", 'n', "N", 0, "how often, for workloads that have rounds", 0},
    {"string", KEY_STRING, "\"PAGE[w] …\"", 0, "the workload `string`: touch these pages, w: write", 0},
    {"seed", KEY_SEED, "N", 0, "of the workload's random numbers (default 1)", 0},
    {"swap", KEY_FOLDER, "FOLDER", 0, "where the backing file lies, without a name (default TMPDIR, /var/tmp)", 0},
    {"allocator", 'a', "SPEC", 0, "of a program: its malloc (default tlsf, with an eighth of the range)", 0},
    {"no-pin", KEY_NO_PIN, NULL, 0, "do not keep workload and pager on one core", 0},
    {"list", 'l', NULL, 0, "list the workloads", 0},
    {"page", KEY_PAGE, "FOLDER", 0, "write FOLDER/live.html", 0},
    {"format", KEY_FORMAT, "text|csv|json", 0, "of the answer", 0},
    {0},
};

/* A bare number counts pages; with a unit it is bytes. */
static int parse_pages(const char *option, const char *text, uint64_t most, uint64_t *ret) {
    const size_t length = strlen(text);
    const bool bare = length > 0 && text[length - 1] >= '0' && text[length - 1] <= '9';
    uint64_t number = 0;
    const int r = bare ? hy_parse_count(text, &number) : hy_parse_size(text, &number);
    if (r == 0 && !bare)
        number /= HY_PAGE;
    if (r == 0 && number >= 1 && number <= most) {
        *ret = number;
        return 0;
    }
    cmd_fail("%s is \"%s\"; expected 1 to %" PRIu64 " pages, or bytes with a unit, as in 64K", option, text, most);
    return EINVAL;
}

static int add_frames(live_options *o, const char *list) {
    char copy[1024], *save = NULL;
    if ((size_t)snprintf(copy, sizeof copy, "%s", list) >= sizeof copy)
        return cmd_fail("--frames: too long a list"), EINVAL;
    for (char *word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
        if (o->frame_counts == LIVE_LIST_MOST)
            return cmd_fail("--frames: more than %u sizes", LIVE_LIST_MOST), EINVAL;
        const int r = parse_pages("--frames", word, LIVE_PAGES_MOST, &o->frames[o->frame_counts++]);
        if (r != 0)
            return r;
    }
    return o->frame_counts > 0 ? 0 : (cmd_fail("--frames: an empty list"), EINVAL);
}

static int add_policies(live_options *o, const char *list) {
    hy_text rest = {list, strlen(list)}, spec;
    hy_error error;
    while (hy_spec_next(&rest, &spec)) {
        if (o->policies == LIVE_LIST_MOST)
            return cmd_fail("--pager: more than %u policies", LIVE_LIST_MOST), EINVAL;
        if (hy_pager_choose(spec, &o->policy[o->policies], &error) < 0)
            return cmd_fail("%s", error.text), EINVAL;
        o->policies++;
    }
    return o->policies > 0 ? 0 : (cmd_fail("--pager: an empty list"), EINVAL);
}

static int choose_hearing(live_options *o, const char *word) {
    for (int i = 0; hy_hearing_names[i]; i++)
        if (strcmp(word, hy_hearing_names[i]) == 0) {
            o->hearing = (hy_hearing)i;
            o->chose_hearing = true;
            return 0;
        }
    cmd_fail("--hear is \"%s\"; expected all, faults or sample", word);
    return EINVAL;
}

static int choose_workload(live_options *o, const char *name) {
    const char *names[32];
    size_t count = 0;
    if (o->workload)
        return cmd_fail("expected one workload, found a second: %s", name), EINVAL;
    o->workload = hy_paged_workload_find(name);
    if (o->workload)
        return 0;
    for (; hy_paged_workloads[count]; count++)
        names[count] = hy_paged_workloads[count]->name;
    names[count] = NULL;
    cmd_fail("there is no workload \"%s\"%s", name,
             hy_did_you_mean(name, strlen(name), names, "`heapyard page live --list` names them").text);
    return EINVAL;
}

/* "1 2 3w" */
static int parse_string(live_options *o, const char *text) {
    free(o->string);
    o->references = 0;
    o->string = calloc(strlen(text) / 2 + 1, sizeof *o->string);
    if (!o->string)
        abort();
    for (const char *at = text; *(at += strspn(at, " ,")) != '\0';) {
        char *end;
        const unsigned long page = strtoul(at, &end, 10);
        const bool write = end > at && *end == 'w';
        if (end == at || *at == '-' || *at == '+' || page >= (1u << 20) || (end[write] && !strchr(" ,", end[write])))
            return cmd_fail("--string: \"%.20s\" is no page; expected numbers below %u, each perhaps with a w", at,
                            1u << 20),
                   EINVAL;
        o->string[o->references++] = hy_page_refer((uint32_t)page, write);
        at = end + write;
    }
    return o->references > 0 ? 0 : (cmd_fail("--string: no page in it"), EINVAL);
}

static error_t list_workloads(void) {
    for (const hy_paged_workload *const *w = hy_paged_workloads; *w; w++)
        printf("%-8s %s%s%s%s\n", (*w)->name, (*w)->summary, (*w)->rounds ? "; a round: " : "",
               (*w)->rounds ? (*w)->rounds : "", (*w)->threads ? "; takes threads" : "");
    exit(cmd_finish(HY_EXIT_OK));
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    live_options *const o = state->input;
    switch (key) {
    case KEY_PAGES: return parse_pages("--pages", argument, LIVE_PAGES_MOST, &o->pages);
    case 'f': return add_frames(o, argument);
    case 'p': return add_policies(o, argument);
    case 'e': return choose_hearing(o, argument);
    case 's': return cmd_number("--sample", argument, 1, 1024, &o->sample);
    case 't': return cmd_unsigned("--threads", argument, 1, 16, &o->threads);
    case 'n': return cmd_number("--rounds", argument, 1, UINT32_MAX, &o->rounds);
    case 'a': o->allocator = argument; return 0;
    case 'l': return list_workloads();
    case KEY_SEED: return cmd_number("--seed", argument, 0, UINT32_MAX, &o->seed);
    case KEY_STRING: return parse_string(o, argument);
    case KEY_FOLDER: o->folder = argument; return 0;
    case KEY_NO_LOG: o->no_log = true; return 0;
    case KEY_NO_PIN: o->no_pin = true; return 0;
    case KEY_PAGE: o->page = argument; return 0;
    case KEY_FORMAT: return cmd_format(argument, &o->format) < 0 ? EINVAL : 0;
    case ARGP_KEY_ARG: return choose_workload(o, argument);
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* --------------------------------------------------------------------------------------------------- together ---- */

static int fill_workload(live_options *o) {
    const bool string = o->workload == &hy_workload_string;
    if (!o->workload && !o->program)
        o->workload = o->string ? &hy_workload_string : &hy_workload_sort;
    if (o->program && o->workload)
        return cmd_fail("the workload is %s or what follows --, not both", o->workload->name);
    if (string && !o->string)
        return cmd_fail("the workload string needs its pages: --string \"1 2 3 4 1 2 5w\"");
    if (o->string && o->workload != &hy_workload_string)
        return cmd_fail("--string is for the workload string");
    if (o->threads > 1 && (!o->workload || !o->workload->threads))
        return cmd_fail("--threads is for workloads with threads; `heapyard page live --list` names them");
    if (o->rounds > 0 && (!o->workload || !o->workload->rounds))
        return cmd_fail("--rounds is for workloads with rounds; `heapyard page live --list` names them");
    if (o->workload && o->rounds == 0)
        o->rounds = o->workload->usual_rounds;
    return 0;
}

static int fill_sizes(live_options *o) {
    const uint32_t touched = hy_paging_pages(o->string, o->references);
    if (o->pages == 0)
        o->pages = o->program ? (uint64_t)1 << (32 - HY_PAGE_BITS) : o->string ? touched : 64;
    if (touched > o->pages)
        return cmd_fail("--string has page %u, beyond --pages %" PRIu64, touched - 1, o->pages);
    if (o->frame_counts == 0)
        o->frames[o->frame_counts++] = (o->pages + 7) / 8;
    return 0;
}

static int fill_hearing(live_options *o) {
    o->no_log |= o->program || o->threads > 1;
    if (!o->chose_hearing)
        o->hearing = o->no_log ? HY_HEARING_SAMPLE : HY_HEARING_ALL;
    if (o->hearing == HY_HEARING_ALL && o->no_log)
        return cmd_fail("--hear all needs the log of references, which only a workload of one thread can keep");
    if (o->sample > 0 && o->hearing != HY_HEARING_SAMPLE)
        return cmd_fail("--sample is for --hear sample");
    if (o->sample == 0)
        o->sample = 1;
    return 0;
}

/* By default all, but for those that keep the workload in lockstep.  Who must know all references beforehand can only
 * be among them if they are logged. */
static bool is_usual(const live_options *o, const hy_pager_ops *ops) {
    if (o->program)
        return strcmp(ops->name, "lru") == 0;
    return o->hearing == HY_HEARING_ALL ? !ops->expired : !(ops->flags & HY_PAGER_OFFLINE);
}

static int fill_policies(live_options *o) {
    const bool chosen = o->policies > 0;
    for (const hy_pager_ops *const *ops = hy_pagers; *ops && !chosen; ops++)
        if (is_usual(o, *ops))
            add_policies(o, (*ops)->name);
    for (size_t i = 0; i < o->policies; i++)
        if (o->policy[i].ops->flags & HY_PAGER_OFFLINE && o->hearing != HY_HEARING_ALL)
            return cmd_fail("%s must know all references beforehand: it needs --hear all and the log",
                            o->policy[i].ops->name);
    return 0;
}

/* The malloc of the program, and what sends its pages to the pager before it.  It must not reserve more than there is.
 */
static int fill_allocator(live_options *o) {
    char usual[64], paged[HY_PATH_SIZE];
    hy_error error;
    if (!o->program)
        return o->allocator ? cmd_fail("--allocator is for programs: page live -a SPEC -- PROGRAM") : 0;
    snprintf(usual, sizeof usual, "tlsf:reserve=%" PRIu64 "K", o->pages * (HY_PAGE / 1024) / 8);
    if (hy_serving_plan(o->allocator ? o->allocator : usual, &o->serving, &error) < 0 ||
        hy_find_part(HY_PART_LIBRARY, "libheapyard-paged.so", paged, &error) < 0)
        return cmd_fail("%s", error.text);
    snprintf(o->libraries, sizeof o->libraries, "%s:%s", paged, o->serving.library);
    return 0;
}

/* What follows "--" is a program. */
static int find_program(int argc, char **argv, live_options *o) {
    int end = 1;
    while (end < argc && strcmp(argv[end], "--") != 0)
        end++;
    if (end < argc && end + 1 == argc)
        cmd_fail("no program after --; expected: heapyard page live --frames 64M -- PROGRAM");
    else if (end < argc)
        o->program = argv + end + 1;
    return end + 1 == argc ? -1 : end;
}

int live_parse(int argc, char **argv, live_options *o) {
    static const struct argp argp = {
        .options = table,
        .parser = parse,
        .args_doc = "[WORKLOAD]\n[OPTION…] -- PROGRAM [ARGUMENT…]",
        .doc =
            "Runs a workload whose memory is paged for real: userfaultfd tells of its faults, a policy says which page "
            "has to go, a backing file takes it.  A workload of ours logs its references, and the simulator must "
            "count the same faults on them."};
    const int end = find_program(argc, argv, o);
    int r = end < 0 ? HY_EXIT_INPUT : cmd_parse(&argp, end, argv, o);
    if (r == 0)
        r = fill_workload(o);
    if (r == 0)
        r = fill_sizes(o);
    if (r == 0)
        r = fill_hearing(o);
    if (r == 0)
        r = fill_policies(o);
    return r ? r : fill_allocator(o);
}

int live_open_options(live_options *o) {
    *o = (live_options){.threads = 1, .seed = 1};
    o->policy = calloc(LIVE_LIST_MOST, sizeof *o->policy);
    o->frames = calloc(LIVE_LIST_MOST, sizeof *o->frames);
    return o->policy && o->frames ? 0 : cmd_fail("no memory");
}

void live_close_options(live_options *o) {
    free(o->policy);
    free(o->frames);
    free(o->string);
}
