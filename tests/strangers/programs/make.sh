# SPDX-License-Identifier: MIT
# make: -j 4 over generated sources with sub-makes, an archive, a program that is run; then nothing is left to be done.
# Its lines are sorted: the order of jobs is that of their ends.
packages='make gcc binutils' needs='make gcc ar' workers='make cc1 .*-ar program'
version() { make --version; }

work() {
    local n
    for n in a b c d; do
        mkdir "$n" && for ((i = 0; i < 6; i++)); do
            printf 'int %s%d(int x) { int s = 0; for (int i = 0; i < x; i++) s += i %% %d; return s; }\n' "$n" "$i" $((i + 2)) >"$n/$n$i.c"
        done
        cat >"$n/Makefile" <<'TEXT'
objects := $(patsubst %.c,%.o,$(sort $(wildcard *.c)))
part.a: $(objects)
	ar rcsD $@ $^
%.o: %.c
	$(CC) -O2 -c -o $@ $<
TEXT
    done
    {
        for n in a b c d; do for i in 0 1 2 3 4 5; do echo "int $n$i(int);"; done; done
        echo '#include <stdio.h>'
        echo 'int main(void) { int s = 0;'
        for n in a b c d; do for i in 0 1 2 3 4 5; do echo "s = s * 7 + $n$i(100);"; done; done
        echo 'printf("%d\n", s); }'
    } >main.c
    cat >Makefile <<'TEXT'
parts := a b c d
all: program
	$(foreach n,$(shell seq 2000),$(info $(words $(filter %7 $(n),$(sort $(parts) $(n))))))
$(parts:%=%/part.a): %/part.a: force
	$(MAKE) -C $*
program: main.c $(parts:%=%/part.a)
	$(CC) -o $@ $^
force:
TEXT
    make -j4 CC=gcc | sort && ./program && sums . && make -j4 CC=gcc | sort
}
