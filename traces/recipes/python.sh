#!/bin/sh
# SPDX-License-Identifier: CC0-1.0
# python.hyt: the Python interpreter reads a text format, makes objects and tables of it, and writes JSON.
# Its own small-object allocator is switched off, so that malloc sees every object.
. "$(dirname "$0")/common.sh"
need python3 python3

cat >work.py <<'EOF'
import collections, json, re

class Order:
    def __init__(self, number, customer, lines):
        self.number, self.customer, self.lines = number, customer, lines

    def total(self):
        return sum(int(count) * float(price) for _, count, price in self.lines)

def text(count):
    state = 12345
    for number in range(count):
        lines = []
        for _ in range(1 + number % 5):
            state = (state * 1103515245 + 12345) % 2 ** 31
            lines.append(f'item{state % 997}:{1 + state % 9}:{state % 10000 / 100}')
        yield f'{number};customer {state % 301};{",".join(lines)}'

orders = []
for row in text(4500):
    number, customer, lines = row.split(';')
    orders.append(Order(int(number), customer, [tuple(line.split(':')) for line in lines.split(',')]))

by_customer = collections.defaultdict(list)
for order in orders:
    by_customer[order.customer].append(order)
report = {customer: {'orders': len(them), 'total': round(sum(order.total() for order in them), 2),
                     'items': sorted({name for order in them for name, _, _ in order.lines})}
          for customer, them in by_customer.items()}
words = collections.Counter(re.findall(r'[a-z]+\d', json.dumps(report)))
print(len(json.dumps(report, indent=1)), len(json.loads(json.dumps(report))), words.most_common(1))
EOF
sed 's/text(4500)/text(27000)/' work.py >long.py # the same for a longer run than is recorded
made
PYTHONMALLOC=malloc PYTHONHASHSEED=0 "$HEAPYARD" record -o "$OUT/python.hyt" -- python3 -S -B work.py
