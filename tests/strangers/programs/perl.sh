# SPDX-License-Identifier: MIT
# perl: hashes of lists, regular expressions, sorting, a pipe to a child, threads that clone the interpreter.
packages=perl needs=perl workers=perl
version() { perl --version; }

work() {
    perl -e '
        use strict; use warnings; use threads;
        my %h;
        push @{$h{$_ % 313}}, $_ x ($_ % 5) for 1 .. 60000;
        for my $k (sort keys %h) { my $s = join("-", @{$h{$k}}); $s =~ s/(\d)\1+/$1/g; print "$k $s\n"; }
        sub churn { my $n = shift; my %t; $t{"$n.$_"} = [1 .. $_ % 17] for 1 .. 8000; my $sum = 0;
                    $sum += scalar @$_ for values %t; return "$n $sum"; }
        my @threads = map { threads->create(\&churn, $_) } 1 .. 4;
        print $_->join, "\n" for @threads;
        for my $n (1 .. 8) {
            my $pid = open(my $pipe, "-|") // die;
            if (!$pid) { print churn($n), "\n"; exit 0; }
            print <$pipe>;
            close $pipe;
        }'
}
