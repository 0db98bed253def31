/* SPDX-License-Identifier: MIT
 *
 * test_reloc.c - the formulas of relocation types by hand-computed values; the thread-local rewritings byte by byte;
 * which definition wins; archives; applying once more at another base; packed dynamic relocations.
 */
#include "image.h"
#include "made_object.h"
#include "rel_archive.h"
#include "rel_kind.h"
#include "rel_object.h"
#include "reloc_trial.h"
#include "scan.h"

#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* ------------------------------------------------------------------------------------------------------ formulas ----
 */

/* S = 0x7000 1234 5678, P = 0x7000 0000 1004, A = -4, Z = 24, GOT = 0x7000 0000 4000, G = 0x7000 0000 4018,
 * TLS = 0x7000 0000 5000, TP = 0x7000 1234 5700. */
static const hy_rel_terms terms = {.s = 0x700012345678,
                                   .p = 0x700000001004,
                                   .z = 24,
                                   .got = 0x700000004000,
                                   .g = 0x700000004018,
                                   .tls = 0x700000005000,
                                   .tp = 0x700012345700,
                                   .a = -4};

static void test_formulas(void **state) {
    static const struct {
        uint32_t type;
        uint64_t value;
    } cases[] = {
        {R_X86_64_64, 0x700012345674},
        {R_X86_64_32, 0x700012345674},
        {R_X86_64_32S, 0x700012345674},
        {R_X86_64_16, 0x700012345674},
        {R_X86_64_8, 0x700012345674},
        {R_X86_64_PC64, 0x12344670},
        {R_X86_64_PC32, 0x12344670},
        {R_X86_64_PLT32, 0x12344670},
        {R_X86_64_PC16, 0x12344670},
        {R_X86_64_PC8, 0x12344670},
        {R_X86_64_GOT32, 0x14},
        {R_X86_64_GOT64, 0x14},
        {R_X86_64_GOTPLT64, 0x14},
        {R_X86_64_GOTPCREL, 0x3010},
        {R_X86_64_GOTPCRELX, 0x3010},
        {R_X86_64_REX_GOTPCRELX, 0x3010},
        {R_X86_64_GOTPCREL64, 0x3010},
        {R_X86_64_GOTTPOFF, 0x3010},
        {R_X86_64_GOTPC32, 0x2ff8},
        {R_X86_64_GOTPC64, 0x2ff8},
        {R_X86_64_GOTOFF64, 0x12341674},
        {R_X86_64_PLTOFF64, 0x12341674},
        {R_X86_64_SIZE32, 20},
        {R_X86_64_SIZE64, 20},
        {R_X86_64_TPOFF32, (uint64_t)-0x8c},
        {R_X86_64_TPOFF64, (uint64_t)-0x8c},
        {R_X86_64_DTPOFF32, 0x12340674},
        {R_X86_64_DTPOFF64, 0x12340674},
        {R_X86_64_GLOB_DAT, 0x700012345678},
        {R_X86_64_NONE, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const uint64_t value = hy_rel_value(cases[i].type, &terms);
        if (value != cases[i].value)
            fail_msg("%s: %#jx, expected %#jx", hy_reloc_name(cases[i].type), (uintmax_t)value,
                     (uintmax_t)cases[i].value);
    }
}

static bool fits(uint32_t type, uint64_t value) {
    return hy_rel_fits(hy_rel_kind_of(type), value);
}

static void test_ranges(void **state) {
    assert_true(fits(R_X86_64_PC32, 0x7fffffff));
    assert_false(fits(R_X86_64_PC32, 0x80000000));
    assert_true(fits(R_X86_64_PC32, (uint64_t)-INT64_C(0x80000000)));
    assert_false(fits(R_X86_64_PC32, (uint64_t)-INT64_C(0x80000001)));
    assert_true(fits(R_X86_64_32, 0xffffffff));
    assert_false(fits(R_X86_64_32, 0x100000000));
    assert_false(fits(R_X86_64_32, (uint64_t)-1));
    assert_true(fits(R_X86_64_32S, (uint64_t)-1));
    assert_false(fits(R_X86_64_32S, 0x80000000));
    assert_true(fits(R_X86_64_16, 0xffff));
    assert_true(fits(R_X86_64_16, (uint64_t)-0x8000));
    assert_false(fits(R_X86_64_16, (uint64_t)-0x8001));
    assert_false(fits(R_X86_64_16, 0x10000));
    assert_true(fits(R_X86_64_PC8, 0x7f));
    assert_false(fits(R_X86_64_PC8, 0x80));
    assert_true(fits(R_X86_64_64, UINT64_MAX));
}

static void test_kinds(void **state) {
    assert_string_equal(hy_reloc_name(R_X86_64_REX_GOTPCRELX), "R_X86_64_REX_GOTPCRELX");
    assert_null(hy_reloc_name(39)); /* a hole in the numbers */
    assert_null(hy_reloc_name(43));
    assert_null(hy_reloc_name(UINT32_MAX));
    assert_int_equal(hy_reloc_width(R_X86_64_64), 8);
    assert_int_equal(hy_reloc_width(R_X86_64_PC16), 2);
    assert_int_equal(hy_reloc_width(R_X86_64_TLSDESC_CALL), 0);
}

/* ------------------------------------------------------------------------------------------------------- placing ----
 */

typedef struct placed {
    hy_reloc_image *image;
    uint8_t *memory;
    hy_reloc_placement at;
} placed;

static bool resolve_far(void *context, const char *name, bool tls, uint64_t *ret_address) {
    *ret_address = 0x600000000000; /* farther than 2 GiB from every base here */
    return strcmp(name, "far") == 0;
}

static int place_objects(made_object *const *objects, size_t count, bool local_exec, uint64_t base, placed *p,
                         hy_error *error) {
    const hy_reloc_options options = {.local_exec = local_exec};
    *p = (placed){0};
    int r = hy_reloc_create(&options, &p->image, error);
    for (size_t i = 0; r == 0 && i < count; i++)
        r = hy_reloc_add_bytes(p->image, i ? "second.o" : "first.o", objects[i], sizeof *objects[i], error);
    r = r < 0 ? r : hy_reloc_layout(p->image, error);
    if (r < 0)
        return r;
    p->memory = malloc(hy_reloc_size(p->image));
    assert_non_null(p->memory);
    p->at = (hy_reloc_placement){.memory = p->memory, .base = base, .resolve = resolve_far};
    return hy_reloc_place(p->image, &p->at, error);
}

static void free_placed(placed *p) {
    free(p->memory);
    hy_reloc_free(p->image);
}

static uint64_t word(const uint8_t *at, unsigned width) {
    uint64_t value = 0;
    memcpy(&value, at, width);
    return value;
}

static uint64_t offset_of(const placed *p, const char *section) {
    size_t count;
    const hy_reloc_section *const sections = hy_reloc_sections(p->image, &count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(sections[i].name, section) == 0)
            return sections[i].offset;
    fail_msg("no section %s", section);
    return 0;
}

#define BASE UINT64_C(0x700000000000)
#define OTHER UINT64_C(0x123456000)

/* A distance from code to data, a call to far away, an address of data. */
static made_object *with_three(void) {
    made_object *const o = made_new();
    const unsigned value = made_symbol(o, "value", STB_GLOBAL, STT_OBJECT, SECTION_DATA, 8, 4);
    const unsigned far = made_symbol(o, "far", STB_GLOBAL, STT_FUNC, SHN_UNDEF, 0, 0);
    o->text[10] = 0xe8;
    made_rela(o, 2, R_X86_64_PC32, value, -4);
    made_rela(o, 11, R_X86_64_PLT32, far, -4);
    made_rela(o, 16, R_X86_64_64, value, 3);
    made_finish(o, SECTION_TEXT);
    return o;
}

/* At one base, then applied for another. */
static void test_two_bases(void **state) {
    hy_error error;
    placed p;
    made_object *const o = with_three();
    assert_int_equal(place_objects(&o, 1, false, BASE, &p, &error), 0);
    const uint64_t data = offset_of(&p, ".data"), stubs = offset_of(&p, "(stubs)"), got = offset_of(&p, "(got)");
    assert_int_equal(offset_of(&p, ".text"), 0);
    assert_int_equal(word(p.memory + 2, 4), data + 8 - 4 - 2);
    assert_int_equal(word(p.memory + 11, 4), stubs - 4 - 11);
    assert_int_equal(word(p.memory + 16, 8), BASE + data + 8 + 3);
    assert_int_equal(word(p.memory + stubs, 2), 0x25ff); /* jmp *slot(%rip) */
    assert_int_equal(word(p.memory + stubs + 2, 4), got + 24 - (stubs + 6));
    assert_int_equal(word(p.memory + got + 24, 8), 0x600000000000);
    p.memory[data] = 77; /* what a program wrote */
    p.at.base = OTHER;
    assert_int_equal(hy_reloc_apply(p.image, &p.at, NULL, NULL, &error), 0);
    assert_int_equal(word(p.memory + 2, 4), data + 8 - 4 - 2);
    assert_int_equal(word(p.memory + 16, 8), OTHER + data + 8 + 3);
    assert_int_equal(p.memory[data], 77);
    free_placed(&p);
    free(o);
}

static void test_which_move(void **state) {
    static const bool moves[] = {false, true, true, false}; /* inside by distance, outside, address inside, slot */
    hy_error error;
    placed p;
    size_t count;
    made_object *const o = with_three();
    assert_int_equal(place_objects(&o, 1, false, BASE, &p, &error), 0);
    const hy_reloc_entry *const table = hy_reloc_table(p.image, &count);
    assert_int_equal(count, 4);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(hy_reloc_moves(p.image, &table[i]), moves[i]);
    free_placed(&p);
    free(o);
}

static void expect_refusal(made_object *o, int code, const char *part) {
    hy_error error = {""};
    placed p;
    assert_int_equal(place_objects(&o, 1, true, BASE, &p, &error), code);
    if (!strstr(error.text, part))
        fail_msg("\"%s\" has no \"%s\" in it", error.text, part);
    free_placed(&p);
    free(o);
}

static made_object *with_one(uint32_t type, const char *name, unsigned binding, unsigned symbol_type) {
    made_object *const o = made_new();
    made_rela(o, 20, type, made_symbol(o, name, binding, symbol_type, SHN_UNDEF, 0, 0), -4);
    made_finish(o, SECTION_TEXT);
    return o;
}

static void test_refusals(void **state) {
    expect_refusal(with_one(R_X86_64_PC32, "far", STB_GLOBAL, STT_OBJECT), -ERANGE, "does not fit into 4 bytes");
    expect_refusal(with_one(R_X86_64_64, "nobody", STB_GLOBAL, STT_OBJECT), -ENOENT, "nobody is not defined anywhere");
    expect_refusal(with_one(R_X86_64_COPY, "far", STB_GLOBAL, STT_OBJECT), -EINVAL, "is none of an x86-64 object");
    expect_refusal(with_one(R_X86_64_TLSGD, "far", STB_GLOBAL, STT_TLS), -ENOTSUP, "a shape that is not known");
    expect_refusal(with_one(R_X86_64_64, "far", STB_GLOBAL, STT_TLS), -EINVAL, "not thread-local; it is");
    made_object *const behind = made_new();
    made_rela(behind, 61, R_X86_64_PC32, made_symbol(behind, "far", STB_GLOBAL, STT_FUNC, SHN_UNDEF, 0, 0), -4);
    made_finish(behind, SECTION_TEXT);
    expect_refusal(behind, -EINVAL, "R_X86_64_PC32 of 4 bytes in a section of 64");
}

static void test_weak_is_zero(void **state) {
    hy_error error;
    placed p;
    made_object *const o = with_one(R_X86_64_64, "nobody", STB_WEAK, STT_NOTYPE);
    assert_int_equal(place_objects((made_object *[]){o}, 1, false, BASE, &p, &error), 0);
    assert_int_equal(word(p.memory + 20, 8), (uint64_t)-4);
    free_placed(&p);
    free(o);
}

/* --------------------------------------------------------------------------------------------------- definitions ----
 */

static made_object *defining(unsigned binding, unsigned section, uint64_t value, uint64_t size) {
    made_object *const o = made_new();
    made_symbol(o, "it", binding, STT_OBJECT, section, value, size);
    made_finish(o, SECTION_TEXT);
    return o;
}

/* Which of two definitions of `it` wins: where it lies from the base; UINT64_MAX: refused. */
static const hy_reloc_symbol *winner(made_object *first, made_object *second, placed *p, int *ret) {
    hy_error error;
    *ret = place_objects((made_object *[]){first, second}, 2, false, BASE, p, &error);
    free(first);
    free(second);
    return *ret < 0 ? NULL : hy_reloc_find(p->image, "it");
}

static void test_definitions(void **state) {
    placed p;
    int r;
    const hy_reloc_symbol *s =
        winner(defining(STB_WEAK, SECTION_DATA, 4, 4), defining(STB_GLOBAL, SECTION_DATA, 8, 4), &p, &r);
    assert_string_equal(s->file, "second.o");
    free_placed(&p);
    s = winner(defining(STB_WEAK, SECTION_DATA, 4, 4), defining(STB_WEAK, SECTION_DATA, 8, 4), &p, &r);
    assert_string_equal(s->file, "first.o");
    free_placed(&p);
    s = winner(defining(STB_GLOBAL, SHN_COMMON, 8, 40), defining(STB_GLOBAL, SHN_COMMON, 64, 16), &p, &r);
    assert_int_equal(s->size, 40);
    assert_int_equal(s->value % 64, 0);
    free_placed(&p);
    s = winner(defining(STB_GLOBAL, SHN_COMMON, 8, 40), defining(STB_GLOBAL, SECTION_DATA, 12, 4), &p, &r);
    assert_int_equal(s->value % 16, 12);
    free_placed(&p);
    s = winner(defining(STB_GLOBAL, SECTION_DATA, 4, 4), defining(STB_GLOBAL, SECTION_DATA, 8, 4), &p, &r);
    assert_int_equal(r, -EEXIST);
    free_placed(&p);
}

/* -------------------------------------------------------------------------------------------------- thread-local ----
 */

/* Code before and after, the block's two symbols at 0 and 8 of 16 bytes: offsets -16 and -8 from the thread pointer. */
static void expect_code(const char *before, size_t size, uint32_t type, uint64_t at, uint64_t call, const char *after) {
    hy_error error;
    placed p;
    made_object *const o = made_new();
    const unsigned it = made_symbol(o, "it", STB_GLOBAL, STT_TLS, SECTION_TLS, 8, 8);
    const unsigned get = made_symbol(o, "__tls_get_addr", STB_GLOBAL, STT_FUNC, SHN_UNDEF, 0, 0);
    memcpy(o->text, before, size);
    made_rela(o, at, type, it, type == R_X86_64_TLSDESC_CALL ? 0 : -4);
    if (call)
        made_rela(o, call, R_X86_64_PLT32, get, -4);
    made_finish(o, SECTION_TEXT);
    if (place_objects((made_object *[]){o}, 1, true, BASE, &p, &error) < 0)
        fail_msg("%s", error.text);
    assert_memory_equal(p.memory, after, size);
    free_placed(&p);
    free(o);
}

static void test_thread_local(void **state) {
    expect_code("\x66\x48\x8d\x3d\0\0\0\0\x66\x66\x48\xe8\0\0\0", 16, R_X86_64_TLSGD, 4, 12,
                "\x64\x48\x8b\x04\x25\0\0\0\0\x48\x8d\x80\xf8\xff\xff\xff");
    expect_code("\x48\x8d\x3d\0\0\0\0\xe8\0\0\0", 12, R_X86_64_TLSLD, 3, 8, "\x66\x66\x66\x64\x48\x8b\x04\x25\0\0\0");
    expect_code("\x48\x8d\x05\0\0\0", 7, R_X86_64_GOTPC32_TLSDESC, 3, 0, "\x48\xc7\xc0\xf8\xff\xff\xff");
    expect_code("\x4c\x8d\x2d\0\0\0", 7, R_X86_64_GOTPC32_TLSDESC, 3, 0, "\x49\xc7\xc5\xf8\xff\xff\xff");
    expect_code("\xff\x10", 2, R_X86_64_TLSDESC_CALL, 0, 0, "\x66\x90");
    /* mov, add, add to r12 */
    expect_code("\x4c\x8b\x3d\0\0\0", 7, R_X86_64_GOTTPOFF, 3, 0, "\x49\xc7\xc7\xf8\xff\xff\xff");
    expect_code("\x48\x03\x1d\0\0\0", 7, R_X86_64_GOTTPOFF, 3, 0, "\x48\x8d\x9b\xf8\xff\xff\xff");
    expect_code("\x4c\x03\x25\0\0\0", 7, R_X86_64_GOTTPOFF, 3, 0, "\x49\x81\xc4\xf8\xff\xff\xff");
}

/* ----------------------------------------------------------------------------------------------- packed addresses ----
 */

typedef struct made_library {
    Elf64_Ehdr head;
    Elf64_Phdr segment[2];
    Elf64_Dyn dynamic[4];
    uint64_t relr[3];
} made_library;

static void test_relr(void **state) {
    hy_scan scan;
    hy_error error;
    made_library file = {
        .head = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                 .e_type = ET_DYN,
                 .e_machine = EM_X86_64,
                 .e_phoff = offsetof(made_library, segment),
                 .e_phentsize = sizeof(Elf64_Phdr),
                 .e_phnum = 2},
        .segment = {{.p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_filesz = sizeof file, .p_memsz = 0x10000},
                    {.p_type = PT_DYNAMIC,
                     .p_offset = offsetof(made_library, dynamic),
                     .p_filesz = sizeof file.dynamic}},
        .dynamic = {{DT_RELR, {offsetof(made_library, relr)}}, {DT_RELRSZ, {sizeof file.relr}}, {DT_NULL, {0}}},
        .relr = {0x1000, 0x8000000000000003, 0x5000}}; /* 0x1000; 0x1008 and 0x1000 + 8 * 63; 0x5000 */
    assert_int_equal(hy_scan_bytes("it", &file, sizeof file, &scan, &error), 1);
    assert_int_equal(scan.kind, HY_SCAN_LIBRARY);
    assert_int_equal(scan.count[HY_SCAN_RELR], 4);
    assert_int_equal(scan.pages, 2);
    assert_int_equal(scan.in_text, 0);
    file.segment[0].p_flags = PF_R | PF_X;
    assert_int_equal(hy_scan_bytes("it", &file, sizeof file, &scan, &error), 1);
    assert_int_equal(scan.in_text, 4);
    file.dynamic[1].d_un.d_val = 1 << 20;
    assert_int_equal(hy_scan_bytes("it", &file, sizeof file, &scan, &error), -EINVAL);
    file.head.e_type = ET_REL;
    assert_int_equal(hy_scan_bytes("it", &file, sizeof file, &scan, &error), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formulas),     cmocka_unit_test(test_ranges),      cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_two_bases),    cmocka_unit_test(test_which_move),  cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_weak_is_zero), cmocka_unit_test(test_definitions), cmocka_unit_test(test_thread_local),
        cmocka_unit_test(test_relr),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
