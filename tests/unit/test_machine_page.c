/* SPDX-License-Identifier: MIT
 *
 * Sheets say the same in every format, and pages of the memory of a machine are whole, escaped, and linked.
 */
#include "machine_page.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const hy_sheet_column columns[] = {
    {"who", "who", HY_SHEET_WORD}, {"rss", "RSS", HY_SHEET_BYTES}, {"share", "share", HY_SHEET_SHARE}};

static hy_sheet sheet_of_two(void) {
    hy_sheet sheet = {.name = "processes", .caption = "Who & what", HY_SHEET_COLUMNS(columns)};
    hy_sheet_add(&sheet, HY_SHEET_ROW(HY_WORD("a,<b>"), HY_FIGURE(1048576), HY_FIGURE(0.5)));
    hy_sheet_add(&sheet, HY_SHEET_ROW(HY_WORD("c"), HY_FIGURE(NAN), HY_FIGURE(0)));
    return sheet;
}

typedef void write_sheet(const hy_sheet *sheet, FILE *out);

static void assert_written(write_sheet *write, const char *expected) {
    hy_sheet sheet = sheet_of_two();
    char *text = NULL;
    size_t size;
    FILE *const out = open_memstream(&text, &size);
    assert_non_null(out);
    write(&sheet, out);
    fclose(out);
    assert_string_equal(text, expected);
    free(text);
    hy_sheet_free(&sheet);
}

static void people_see_units(void **state) {
    assert_written(hy_sheet_text, "who         RSS   share\n"
                                  "a,<b>  1.00 MiB  50.0 %\n"
                                  "c           n/a   0.0 %\n");
}

static void programs_see_bare_figures(void **state) {
    assert_written(hy_sheet_csv, "who,rss,share\n\"a,<b>\",1048576,0.5\nc,,0\n");
    assert_written(hy_sheet_json, "[\n  {\"who\": \"a,<b>\", \"rss\": 1048576, \"share\": 0.5},"
                                  "\n  {\"who\": \"c\", \"rss\": null, \"share\": 0}]");
}

static void pages_show_words_escaped(void **state) {
    assert_written(hy_sheet_html, "<div class=\"wide\"><table><thead><tr><th scope=\"col\" class=\"text\">who</th><th "
                                  "scope=\"col\">RSS</th><th scope=\"col\">share</th></tr></thead><tbody>\n"
                                  "<tr><th scope=\"row\">a,&lt;b&gt;</th><td>1.00 MiB</td><td>50.0 %</td></tr>\n"
                                  "<tr><th scope=\"row\">c</th><td>n/a</td><td>0.0 %</td></tr>\n"
                                  "</tbody></table></div>\n<p class=\"note\">Who &amp; what</p>\n");
}

/* A folder of its own, with what lies in it given by the caller. */
static char folder[64];

static int make_folder(void **state) {
    strcpy(folder, "/tmp/heapyard-page-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
    static const char *const names[] = {"share.html", "page.html", "share-x.dat", NULL};
    for (const char *const *name = names; *name; name++) {
        char path[256];
        snprintf(path, sizeof path, "%s/%s", folder, *name);
        unlink(path);
    }
    return rmdir(folder);
}

static char *read_page(const char *name) {
    char path[256], *text = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *const in = fopen(path, "re");
    assert_non_null(in);
    assert_true(getdelim(&text, &size, '\0', in) > 0);
    fclose(in);
    return text;
}

static hy_machine_page *open_page(const char *name) {
    hy_machine_page *page;
    hy_error error;
    assert_int_equal(hy_machine_open(folder, name, "Title <1>", "A `lead`.", "heapyard share", &page, &error), 0);
    return page;
}

static void close_page(hy_machine_page *page) {
    bool no_gnuplot;
    hy_error error;
    assert_int_equal(hy_machine_close(page, &no_gnuplot, &error), 0);
    assert_false(no_gnuplot);
}

static void a_page_holds_its_parts(void **state) {
    hy_machine_page *const page = open_page("share");
    hy_machine_heading(page, "one", "One & two");
    hy_machine_text(page, "4 * 5 is `a<b` and *%s*", "so");
    hy_machine_map(page, "AA.B\n");
    hy_figure figure = {.plot = "none", .base = "share-x", .title = "x", .about = "y"};
    fputs("1 2\n", hy_machine_data(page));
    hy_machine_figure(page, &figure); /* no rows: nothing to draw */
    close_page(page);
    char *const text = read_page("share.html"), *const data = read_page("share-x.dat");
    assert_non_null(strstr(text, "<title>Title &lt;1&gt;</title>"));
    assert_non_null(strstr(text, "<nav aria-label=\"Page\"><a href=\"#one\">One &amp; two</a></nav>"));
    assert_non_null(strstr(text, "<p>4 * 5 is <code>a&lt;b</code> and <em>so</em></p>"));
    assert_non_null(strstr(text, "<pre class=\"map\"><b class=\"k7\">AA</b>.<b class=\"k8\">B</b>\n</pre>"));
    assert_non_null(strstr(text, "nothing was measured"));
    assert_non_null(strstr(text, "</main></body></html>\n"));
    assert_string_equal(data, "1 2\n");
    free(data);
    free(text);
}

static void pages_of_one_folder_are_linked(void **state) {
    close_page(open_page("page"));
    close_page(open_page("share"));
    char *const text = read_page("share.html");
    assert_non_null(strstr(text, "<a href=\"page.html\">Paging</a>"));
    assert_null(strstr(text, "share.html"));
    free(text);
}

static void what_cannot_be_written_is_told_at_the_end(void **state) {
    hy_machine_page *const page = open_page("share");
    hy_figure figure = {.plot = "none", .base = "no/such", .title = "x", .about = "y"};
    hy_error error = {""};
    bool no_gnuplot;
    hy_machine_figure(page, &figure);
    assert_true(hy_machine_close(page, &no_gnuplot, &error) < 0);
    assert_non_null(strstr(error.text, "no/such.dat"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_see_units),
        cmocka_unit_test(programs_see_bare_figures),
        cmocka_unit_test(pages_show_words_escaped),
        cmocka_unit_test_setup_teardown(a_page_holds_its_parts, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(pages_of_one_folder_are_linked, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(what_cannot_be_written_is_told_at_the_end, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
