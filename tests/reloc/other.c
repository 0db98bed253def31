// SPDX-License-Identifier: MIT
// other.c - a member of an archive: pulled in by `helped`, and its weak `opinion` gives way to code that has its own.
int helped(int x);
__attribute__((weak)) int opinion(void) {
    return 1;
}
static int picked(void) {
    return 7;
}
static int (*pick(void))(void) {
    return picked;
}
int chosen(void) __attribute__((ifunc("pick")));
int helped(int x) {
    return x + opinion() + chosen();
}
