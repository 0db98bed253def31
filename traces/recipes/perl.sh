#!/bin/sh
# SPDX-License-Identifier: CC0-1.0
# perl.hyt: perl counts words, builds an index of lines, and prints it sorted.
. "$(dirname "$0")/common.sh"
need perl perl

cat >work.pl <<'EOF'
use strict;
my ($state, %count, %index, @lines) = 12345;
for my $n (1 .. 6000) {
    my @words;
    for (1 .. 6 + $n % 7) {
        $state = ($state * 1103515245 + 12345) % 2147483648;
        push @words, substr("abcdefghijklmnopqrstuvwxyz", $state % 23, 1 + $state % 4) . ($state >> 8) % 499;
    }
    push @lines, join(" ", @words);
}
for my $n (0 .. $#lines) {
    for my $word (split / /, $lines[$n]) {
        $count{$word}++;
        push @{$index{$word}}, { line => $n, text => uc $word };
    }
}
my $out = "";
for my $word (sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count) {
    my @where = grep { $_->{line} % 2 } @{$index{$word}};
    $out .= sprintf "%s %d %s\n", $word, $count{$word}, join ",", map { $_->{line} } @where;
    (my $plain = $out) =~ s/\d+,//g if $count{$word} % 16 == 0 && length $out < 20000;
}
print length $out, "\n";
EOF
made
PERL_HASH_SEED=0 "$HEAPYARD" record -o "$OUT/perl.hyt" -- perl work.pl
