#!/bin/sh
# SPDX-License-Identifier: CC0-1.0
# java.hyt: a Java program: three threads that make texts of maps, pack and unpack them, and copy them to
# memory outside of the heap, which another thread gives back.  Java's objects are in memory that the virtual machine
# maps itself; the trace has what the machine, its compilers and zlib ask of malloc.
. "$(dirname "$0")/common.sh"
need javac openjdk-17-jdk-headless

cat >Work.java <<'EOT'
import java.io.*;
import java.nio.ByteBuffer;
import java.util.*;
import java.util.concurrent.*;
import java.util.stream.*;
import java.util.zip.*;

public class Work {
    static long churn(int n) throws IOException {
        var table = new TreeMap<String, List<Integer>>();
        for (int i = 0; i < 40 + n % 400; i++) table.computeIfAbsent("k" + i * n % 997, k -> new ArrayList<>()).add(i);
        byte[] text = table.toString().getBytes();
        var packed = new ByteArrayOutputStream();
        try (var out = new DeflaterOutputStream(packed)) { out.write(text); }
        byte[] back = new InflaterInputStream(new ByteArrayInputStream(packed.toByteArray())).readAllBytes();
        var outside = ByteBuffer.allocateDirect(back.length + n).put(back).flip();
        return outside.remaining() + packed.size();
    }

    public static void main(String[] args) throws Exception {
        var pool = Executors.newFixedThreadPool(3);
        var futures = new ArrayList<Future<Long>>();
        for (int n = 1; n <= 10000; n++) { int number = n; futures.add(pool.submit(() -> churn(number))); }
        long sum = 0;
        for (var future : futures) sum += future.get();
        pool.shutdown();
        var words = IntStream.range(0, 100000).mapToObj(i -> "word" + i * 7919 % 1009).collect(Collectors.groupingBy(w -> w, Collectors.counting()));
        System.out.println(sum + " " + words.size() + " " + String.format("%,d %.3f", sum, sum / 7.0).length());
    }
}
EOT
javac -d classes Work.java
made
"$HEAPYARD" record -o "$OUT/java.hyt" -- java -Xmx256m -XX:+UseParallelGC -XX:ParallelGCThreads=2 -XX:CICompilerCount=2 \
    -Xshare:auto -cp classes Work
