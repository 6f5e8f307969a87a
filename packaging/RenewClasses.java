import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/// Gives classes in the form of Java 5 that of Java 8. The JVM keeps the old ones in no cache:
/// picocli, which every command starts with, took half of its time. Maven runs it:
///
/// `java RenewClasses.java LIB`, where LIB has the libraries; a jar without such classes stays as
/// it is.
final class RenewClasses {
  /// The first form whose classes the JVM verifies by the maps that they bring along.
  private static final int WITH_MAPS = ClassFile.JAVA_6_VERSION;

  private static final String NOTICE = "META-INF/TRIMMED.txt";
  private static final String WORDS =
      "Changed by the build of armory-agent: the classes have the form of Java 8, and do what they did.\n";

  private RenewClasses() {}

  public static void main(String[] arguments) throws IOException {
    try (var jars = Files.newDirectoryStream(Path.of(arguments[0]), "*.jar")) {
      for (var jar : jars) {
        var entries = entries(jar);
        if (entries.entrySet().stream().anyMatch(e -> isOld(e.getKey().getName(), e.getValue()))) {
          write(jar, entries);
        }
      }
    }
  }

  private static Map<ZipEntry, byte[]> entries(Path jar) throws IOException {
    var entries = new LinkedHashMap<ZipEntry, byte[]>();
    try (var zip = new ZipFile(jar.toFile())) {
      for (var entry : Collections.list(zip.entries())) {
        entries.put(entry, zip.getInputStream(entry).readAllBytes());
      }
    }
    return entries;
  }

  /// The version is the fourth number of two bytes.
  private static boolean isOld(String name, byte[] bytes) {
    return name.endsWith(".class") && ((bytes[6] & 0xff) << 8 | (bytes[7] & 0xff)) < WITH_MAPS;
  }

  private static void write(Path jar, Map<ZipEntry, byte[]> entries) throws IOException {
    var renewed = jar.resolveSibling(jar.getFileName() + ".tmp");
    try (var loader = new URLClassLoader(new URL[] {jar.toUri().toURL()});
        var out = new ZipOutputStream(Files.newOutputStream(renewed))) {
      var format =
          ClassFile.of(
              StackMapsOption.GENERATE_STACK_MAPS,
              ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofClassLoading(loader)));
      var form =
          ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL)
              .andThen(ClassTransform.endHandler(b -> b.withVersion(ClassFile.JAVA_8_VERSION, 0)));
      long time = 0;
      for (var entry : entries.entrySet()) {
        var bytes = entry.getValue();
        var name = entry.getKey().getName();
        time = entry.getKey().getTime();
        put(
            out,
            name,
            time,
            isOld(name, bytes) ? format.transformClass(format.parse(bytes), form) : bytes);
      }
      put(out, NOTICE, time, WORDS.getBytes(StandardCharsets.UTF_8));
    }
    Files.move(renewed, jar, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  private static void put(ZipOutputStream out, String name, long time, byte[] bytes)
      throws IOException {
    var entry = new ZipEntry(name);
    entry.setTime(time);
    out.putNextEntry(entry);
    out.write(bytes);
    out.closeEntry();
  }
}
