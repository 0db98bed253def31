/* SPDX-License-Identifier: MIT
 *
 * thrower.cc - a library that asks operator new for too much and catches what it throws.
 */
#include <cstddef>
#include <cstdint>
#include <new>

extern "C" __attribute__((visibility("default"))) const char *thrower_wrong(void);

namespace {

volatile std::size_t too_much = PTRDIFF_MAX;

template <typename Ask> bool throws(Ask ask) {
    try {
        ask();
    } catch (const std::bad_alloc &) {
        return true;
    }
    return false;
}

} // namespace

const char *thrower_wrong(void) {
    const auto align = std::align_val_t(64);
    if (!throws([] { ::operator delete(::operator new(too_much)); }))
        return "new did not throw";
    if (!throws([] { ::operator delete[](::operator new[](too_much)); }))
        return "new[] did not throw";
    if (!throws([=] { ::operator delete(::operator new(too_much, align), align); }))
        return "aligned new did not throw";
    if (::operator new(too_much, std::nothrow) || ::operator new[](too_much, align, std::nothrow))
        return "new for those who want no exception found room";
    int *const number = new int(7);
    const bool kept = *number == 7;
    delete number;
    return kept ? nullptr : "a number was not kept";
}
