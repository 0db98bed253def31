/* SPDX-License-Identifier: MIT
 *
 * summary_text.c - traces as text, and the names that are in them.
 */
#include "summary_cases.h"

#include "cxx_name.h"
#include "random_events.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

void names_of_cxx_are_written_out(void **state) {
    static const char *const names[][2] = {
        {"malloc", "malloc"},
        {"_Zbroken", "_Zbroken"},
        {"_Znwm", "operator new(unsigned long)"},
        {"_ZNSt6vectorIiSaIiEE9push_backEOi", "std::vector<…>::push_back(int&&)"},
        {"_ZStlsISt11char_traitsIcEERSt13basic_ostreamIcT_ES5_PKc",
         "std::basic_ostream<…>& std::operator<< <…>(std::basic_ostream<…>&, char const*)"},
        {"_ZNKSt10unique_ptrIiSt14default_deleteIiEEptEv", "std::unique_ptr<…>::operator->() const"}};
    char text[128];
    (void)state;
    hy_cxx_name("_Znwm", text, sizeof text);
    if (strcmp(text, "_Znwm") == 0)
        skip(); /* no C++ library here */
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        hy_cxx_name(names[i][0], text, sizeof text);
        assert_string_equal(text, names[i][1]);
    }
    hy_cxx_name("_Znwm", text, 9);
    assert_string_equal(text, "operator");
}

void text_goes_round(void **state) {
    hy_event *const events = random_stream(11, 2000);
    for (size_t i = 0; i < 2000; i++) {
        char line[HY_EVENT_LINE];
        hy_event back;
        uint32_t site;
        hy_error error;
        assert_true(hy_event_line(&events[i], line) < sizeof line);
        assert_int_equal(hy_event_parse(line, &back, &site, &error), 0);
        assert_memory_equal(&back, &events[i], sizeof back);
    }
    free(events);
}

static void refuse_text(const char *text, const char *part) {
    hy_error error = {""};
    assert_true(import_text(text, &error) < 0);
    if (!strstr(error.text, part))
        fail_msg("\"%s\" does not say \"%s\"", error.text, part);
}

void bad_text_is_refused(void **state) {
    refuse_text("0 0 malloc 0 24\n0 0 mallok 1 24\n",
                "line 2: unknown kind of event \"mallok\"; did you mean \"malloc\"?");
    refuse_text("0 0 malloc 0\n", "line 1: the size is missing");
    refuse_text("0 0 malloc 0 24 7\n", "\"7\" is too much for malloc");
    refuse_text("0 0 free 0\n", "only 0 were born");
    refuse_text("0 0 malloc 0 1\n0 0 free 0\n0 0 free 0\n", "free of object 0, which is dead");
    refuse_text("0 0 malloc 0 -1\n", "the size is \"-1\"; expected a number");
    refuse_text("0 0 malloc 0 1,5\n", "expected a number");
    refuse_text("0 0 malloc 0 9223372036854775808\n", "less than 2^63");
    refuse_text("0 0 malloc 0 99999999999999999999999\n", "less than 2^63");
    refuse_text("0 4294967296 malloc 0 1\n", "the thread is 4294967296");
    refuse_text("0 0 aligned 0 1 3\n", "the alignment is 3; expected a power of two");
    refuse_text("0 0 aligned 0 1 0\n", "expected a power of two");
    refuse_text("0 0 aligned 0 1 4611686018427387904\n", "at most 2^47");
    refuse_text("9 0 malloc 0 1\n8 0 malloc 1 1\n", "a time of 8 ns after one of 9 ns");
    refuse_text("0 0 malloc 0 1\n@command=late\n", "a description after the first event");
    refuse_text("@command\n", "not \"key=value\"");
    refuse_text("@command=a\tb\n", "a control character");
    refuse_text("@pid=12x\n", "\"pid\" is no number");
}

void long_lines_are_refused(void **state) {
    static char text[10000];
    memset(text, ' ', sizeof text - 1);
    memcpy(text, "0 0", 3);
    refuse_text(text, "line 1: longer than 4095 bytes");
}

void odd_but_good_text_is_read(void **state) {
    hy_trace_summary sum;
    summarise("\r\n  # comment\n\t0\t 0  malloc 0   24 \r\n5 0 free 0", &sum, NULL);
    assert_int_equal(sum.events, 2);
    assert_int_equal(sum.peak_bytes, 24);
}
