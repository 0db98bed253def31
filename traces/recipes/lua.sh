#!/bin/sh
# SPDX-License-Identifier: CC0-1.0
# lua.hyt: Lua reads a text format into tables, keeps an index and a tree, makes closures, and writes it all as text.
# All that it asks of malloc are realloc and free.
. "$(dirname "$0")/common.sh"
need lua5.4 lua5.4

cat >work.lua <<'EOF'
local state = 12345
local function draw(n)
  state = (state * 1103515245 + 12345) & 0x7fffffff
  return (state >> 8) % n
end

-- Orders as text, a line each, read back into tables.
local function write_orders(count)
  local lines = {}
  for number = 1, count do
    local items = {}
    for i = 1, 1 + draw(5) do
      items[i] = string.format("item%d:%d:%.2f", draw(997), 1 + draw(9), draw(10000) / 100)
    end
    lines[number] = number .. ";customer " .. draw(301) .. ";" .. table.concat(items, ",")
  end
  return table.concat(lines, "\n")
end

local function read_orders(text)
  local orders = {}
  for line in text:gmatch("[^\n]+") do
    local number, customer, rest = line:match("^(%d+);([^;]+);(.*)$")
    local order = {number = tonumber(number), customer = customer, items = {}}
    for name, count, price in rest:gmatch("(%w+):(%d+):([%d.]+)") do
      order.items[#order.items + 1] = {name = name, count = tonumber(count), price = tonumber(price)}
    end
    function order.total()
      local sum = 0
      for _, item in ipairs(order.items) do sum = sum + item.count * item.price end
      return sum
    end
    orders[#orders + 1] = order
  end
  return orders
end

-- A binary tree of names; nodes come and go.
local function insert(node, key)
  if not node then return {key = key, count = 1} end
  if key == node.key then
    node.count = node.count + 1
  elseif key < node.key then
    node.left = insert(node.left, key)
  else
    node.right = insert(node.right, key)
  end
  return node
end

local function walk(node, visit)
  if node then
    walk(node.left, visit)
    visit(node)
    walk(node.right, visit)
  end
end

local function report(orders)
  local customers, names, tree, out = {}, {}, nil, {}
  for _, order in ipairs(orders) do
    if not customers[order.customer] then
      customers[order.customer] = {orders = 0, total = 0, seen = {}}
      names[#names + 1] = order.customer
    end
    local customer = customers[order.customer]
    customer.orders = customer.orders + 1
    customer.total = customer.total + order.total()
    for _, item in ipairs(order.items) do
      customer.seen[#customer.seen + 1] = item.name:upper() .. "/" .. item.count
      tree = insert(tree, item.name)
    end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local customer = customers[name]
    table.sort(customer.seen)
    out[#out + 1] = string.format("%s %d %.2f %s", name, customer.orders, customer.total, table.concat(customer.seen, " "))
  end
  walk(tree, function(node) out[#out + 1] = node.key .. "=" .. node.count end)
  return table.concat(out, "\n")
end

local sum = 0
for round = 1, 3 do
  local text = report(read_orders(write_orders(10000)))
  local escaped = text:gsub("[%a]+(%d+)", function(digits) return "<" .. digits .. ">" end)
  for i = 1, #escaped, 97 do sum = (sum * 31 + escaped:byte(i)) % 1000000007 end
  print(round, #text, #escaped, sum)
end
EOF
made
"$HEAPYARD" record -o "$OUT/lua.hyt" -- lua5.4 work.lua
