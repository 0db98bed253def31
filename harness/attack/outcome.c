/* SPDX-License-Identifier: MIT
 *
 * outcome.c - see outcome.h.
 */
#include "outcome.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

/* ------------------------------------------------------------------------------------------------------- words ---- */

static size_t common_size(const char *a, const char *b) {
    size_t size = 0;
    while (a[size] && a[size] == b[size])
        size++;
    return size;
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* What was said beyond what the control says, too: its first line with a letter in it.  False: nothing. */
static bool new_words(const hy_victim_end *end, const hy_victim_end *control, size_t *ret_start, char *ret,
                      size_t size) {
    const size_t same = common_size(end->said, control->said);
    const char *line = end->said + same;
    *ret_start = same;
    if (end->said_size <= same)
        return false;
    while (*line && !is_letter(*line))
        line++;
    const size_t length = strcspn(line, "\n");
    snprintf(ret, size, "%.*s", (int)length, line);
    for (char *c = ret; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    return true;
}

/* The last stage that had begun when no more than `start` bytes had been said. */
static unsigned stage_of_words(const hy_victim_page *page, size_t start) {
    unsigned found = HY_PREPARE;
    for (unsigned stage = 0; stage < HY_STAGES; stage++)
        if (page->visited[stage] && page->said[stage] <= start && page->visited[stage] > page->visited[found])
            found = stage;
    return found;
}

/* --------------------------------------------------------------------------------------------------------- end ---- */

static bool ended_well(const hy_victim_end *end) {
    return !end->timed_out && !end->too_large && WIFEXITED(end->status) && WEXITSTATUS(end->status) == 0 &&
           end->page.begun &&
           (end->page.stage == HY_AT_EXIT || end->page.taken || end->page.verdict == HY_SAID_NO_ROOM);
}

static bool is_crash(int status) {
    return WIFSIGNALED(status) && (WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGBUS);
}

static void describe_end(const hy_victim_end *end, char *ret, size_t size) {
    if (end->timed_out)
        snprintf(ret, size, "went on for too long");
    else if (end->too_large)
        snprintf(ret, size, "took too much memory");
    else if (WIFSIGNALED(end->status))
        snprintf(ret, size, "SIG%s", sigabbrev_np(WTERMSIG(end->status)));
    else
        snprintf(ret, size, "exit code %d", WEXITSTATUS(end->status));
}

static void set(hy_finding *finding, hy_outcome outcome, unsigned moment, const char *words) {
    finding->outcome = outcome;
    finding->moment = moment;
    snprintf(finding->words, sizeof finding->words, "%s", words);
}

static void find_stopped(const hy_victim_end *end, const char *words, hy_finding *ret) {
    char how[64];
    describe_end(end, how, sizeof how);
    if (!end->page.begun || end->page.stage == HY_PREPARE || end->page.stage >= HY_STAGES)
        set(ret, HY_INVALID, HY_NEVER, words ? words : how);
    else if (end->timed_out)
        set(ret, HY_TIMED_OUT, end->page.stage, how);
    else if (end->too_large)
        set(ret, HY_TOO_LARGE, end->page.stage, how);
    else if (words)
        set(ret, HY_DETECTED, end->page.stage, words);
    else
        set(ret, is_crash(end->status) ? HY_CRASHED : HY_TRAPPED, end->page.stage, how);
}

void hy_outcome_find(const hy_victim_end *end, const hy_victim_end *control, hy_finding *ret) {
    char words[sizeof ret->words];
    size_t start;
    const bool spoke = new_words(end, control, &start, words, sizeof words);
    if (!ended_well(end)) {
        find_stopped(end, spoke ? words : NULL, ret);
        return;
    }
    switch ((hy_victim_verdict)end->page.verdict) {
    case HY_SAID_SILENT: set(ret, HY_SILENT, HY_NEVER, end->page.words); break;
    case HY_SAID_NOT_APPLICABLE: set(ret, HY_NOT_APPLICABLE, HY_NEVER, end->page.words); break;
    case HY_SAID_PREVENTED:
        if (spoke)
            set(ret, HY_DETECTED, stage_of_words(&end->page, start), words);
        else
            set(ret, HY_PREVENTED, HY_NEVER, end->page.words);
        break;
    case HY_SAID_NO_ROOM: /* afterwards, it is damage: a heap that cannot be used any more */
        set(ret, end->page.stage > HY_PREPARE ? HY_SILENT : HY_INVALID, HY_NEVER, end->page.words);
        break;
    default: set(ret, HY_INVALID, HY_NEVER, "did not say what it saw");
    }
}

bool hy_outcome_control(const hy_victim_end *control, char *ret_why, size_t size) {
    const uint32_t verdict = control->page.verdict;
    char how[64];
    ret_why[0] = '\0';
    if (ended_well(control) && verdict != HY_SAID_SILENT && verdict != HY_SAID_NO_ROOM)
        return true;
    describe_end(control, how, sizeof how);
    snprintf(ret_why, size, "without the fault: %s", ended_well(control) ? control->page.words : how);
    return false;
}

/* ------------------------------------------------------------------------------------------------------- names ---- */

static const struct {
    char letter;
    const char *name, *words;
} outcomes[HY_OUTCOMES] = {
    [HY_DETECTED] = {'D', "detected", "detected with a message"},
    [HY_TRAPPED] = {'t', "trapped", "detected silently (a trap, an abort or an exit code without a word)"},
    [HY_CRASHED] = {'c', "crashed", "crashed"},
    [HY_PREVENTED] = {'.', "prevented", "prevented"},
    [HY_SILENT] = {'S', "silent", "silently corrupted or disclosed"},
    [HY_NOT_APPLICABLE] = {'-', "not_applicable", "not applicable"},
    [HY_TIMED_OUT] = {'H', "timed_out", "did not come to an end"},
    [HY_TOO_LARGE] = {'M', "too_large", "took memory without end"},
    [HY_INVALID] = {'?', "invalid", "invalid"},
};

const char *hy_outcome_name(hy_outcome outcome) {
    return outcomes[outcome].name;
}

const char *hy_outcome_words(hy_outcome outcome) {
    return outcomes[outcome].words;
}

char hy_outcome_letter(hy_outcome outcome) {
    return outcomes[outcome].letter;
}

static const struct {
    char letter;
    const char *name;
} moments[HY_MOMENTS] = {
    [HY_PREPARE] = {'b', "before"},      [HY_AT_OPERATION] = {'o', "at the operation"},
    [HY_AT_FREE] = {'f', "at the free"}, [HY_LATER] = {'l', "later"},
    [HY_AT_EXIT] = {'x', "at exit"},     [HY_NEVER] = {' ', "never"},
};

const char *hy_moment_name(unsigned moment) {
    return moments[moment].name;
}

char hy_moment_letter(unsigned moment) {
    return moments[moment].letter;
}
