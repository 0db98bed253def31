# SPDX-License-Identifier: MIT
# java: javac, then threads, maps, streams, native compression, memory outside the heap, files, a child; with two collectors.
# The objects are in memory that the virtual machine maps itself; the machine, its compilers and zlib use malloc.
packages=default-jdk-headless needs='java javac' workers='java javac'
version() { java -version; }

work() {
    cat >Work.java <<'TEXT'
import java.io.*;
import java.nio.*;
import java.nio.channels.FileChannel;
import java.nio.file.*;
import java.security.MessageDigest;
import java.util.*;
import java.util.concurrent.*;
import java.util.stream.*;
import java.util.zip.*;

public class Work {
    record Answer(int number, String sum) {}

    static String sum(byte[] data) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data));
    }

    static Answer churn(int n) throws Exception {
        var table = new TreeMap<String, List<Integer>>();
        for (int i = 0; i < 40000; i++) table.computeIfAbsent("k" + i * n % 997, k -> new ArrayList<>()).add(i);
        byte[] text = table.toString().getBytes();
        var packed = new ByteArrayOutputStream();
        try (var out = new DeflaterOutputStream(packed)) { out.write(text); }
        byte[] back = new InflaterInputStream(new ByteArrayInputStream(packed.toByteArray())).readAllBytes();
        var outside = ByteBuffer.allocateDirect(back.length + n).put(back).flip();
        byte[] copy = new byte[outside.remaining()];
        outside.get(copy);
        return new Answer(n, packed.size() + " " + Arrays.equals(text, copy) + " " + sum(copy));
    }

    public static void main(String[] args) throws Exception {
        var pool = Executors.newFixedThreadPool(6);
        var futures = new ArrayList<Future<Answer>>();
        for (int n = 1; n <= 24; n++) { int number = n; futures.add(pool.submit(() -> churn(number))); }
        for (var future : futures) System.out.println(future.get());
        pool.shutdown();
        var seen = new ConcurrentHashMap<Integer, Integer>();
        IntStream.range(0, 200000).parallel().forEach(i -> seen.merge(i % 1009, i, Integer::sum));
        System.out.println(seen.values().stream().mapToLong(Integer::longValue).sum());
        for (int i = 0; i < 300; i++) { Thread thread = new Thread(() -> new byte[1000].hashCode()); thread.start(); thread.join(); }
        Path zip = Path.of("x.zip");
        try (var out = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (int i = 0; i < 40; i++) { out.putNextEntry(new ZipEntry("e" + i)); out.write(new byte[i * 3000]); }
        }
        try (var file = new ZipFile(zip.toFile())) {
            System.out.println(file.stream().map(e -> e.getName() + "=" + e.getSize()).collect(Collectors.joining(",")));
        }
        try (var channel = FileChannel.open(zip)) { System.out.println(channel.map(FileChannel.MapMode.READ_ONLY, 0, 4).getInt()); }
        var child = new ProcessBuilder("sh", "-c", "cat").start();
        child.getOutputStream().write("to the child and back\n".getBytes());
        child.getOutputStream().close();
        System.out.print(new String(child.getInputStream().readAllBytes()));
        System.out.println(child.waitFor());
    }
}
TEXT
    javac -d classes Work.java && sums classes && java -Xmx256m -XX:+UseParallelGC -cp classes Work &&
        java -Xmx256m -XX:+UseG1GC -XX:ParallelGCThreads=2 -cp classes Work
}
