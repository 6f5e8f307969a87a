import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.ConstantPoolSharingOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.InnerClassesAttribute;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/// Takes out of the AWS SDK's service jars what the agent does not call. A client has a method for
/// every operation of its service (EC2: 700), and each brings classes of its own: 35 MB, of which 2
/// are used. Maven runs it:
///
/// `java TrimSdk.java CLASSES FROM LIB`, where CLASSES is the agent's, which say what is called;
/// FROM has the jars of the services as they are published; LIB has the other libraries, and gets
/// the trimmed jars.
///
/// Of a client's operations those stay whose name is called by the agent, or by a class that stays.
/// A class stays if its name is anywhere in one that stays, and then is the same, byte for byte:
/// whatever a class names is there. What could escape is a name put together at run time, or listed
/// in a resource: these jars have none, and an entry of a kind that is not known ends the build.
final class TrimSdk {
  private static final String SERVICES = "software/amazon/awssdk/services/";
  private static final Pattern NAME = Pattern.compile(SERVICES + "[A-Za-z0-9_/$]+");
  private static final Pattern CLIENT = Pattern.compile(SERVICES + "[a-z0-9]+/[A-Za-z0-9]+Client");
  private static final Pattern OPERATION =
      Pattern.compile("services/[a-z0-9]+/(model|paginators|waiters)/");
  private static final Pattern KEPT_AS_IS =
      Pattern.compile("META-INF/(|MANIFEST\\.MF|LICENSE\\.txt|NOTICE\\.txt|maven/.*)|.*/");
  private static final String NOTICE = "META-INF/TRIMMED.txt";
  private static final String WORDS =
      "Changed by the build of armory-agent: operations that it does not call are taken out of the clients, and the"
          + " classes that only those need. What is left is as it was published.\n";

  private final Map<String, byte[]> published = new TreeMap<>();
  private final Map<String, byte[]> kept = new TreeMap<>();
  private final Set<String> roots = new TreeSet<>();
  private final Set<String> called = new TreeSet<>();
  private final ClassFile format;

  private TrimSdk(ClassLoader libraries) {
    format =
        ClassFile.of(
            ConstantPoolSharingOption.NEW_POOL,
            ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofClassLoading(libraries)));
  }

  /// @param arguments CLASSES FROM LIB
  public static void main(String[] arguments) throws IOException {
    var from = filesOf(Path.of(arguments[1]), ".jar");
    var to = Path.of(arguments[2]);
    var libraries = new ArrayList<>(filesOf(to, ".jar"));
    libraries.addAll(0, from);
    try (var loader =
        new URLClassLoader(libraries.stream().map(TrimSdk::url).toArray(URL[]::new))) {
      var trimmed = new TrimSdk(loader);
      for (var jar : from) {
        trimmed.read(jar);
      }
      for (var file : filesOf(Path.of(arguments[0]), ".class")) {
        trimmed.look(Files.readAllBytes(file), trimmed.roots);
      }
      trimmed.close();
      for (var jar : from) {
        trimmed.write(jar, to.resolve(jar.getFileName()));
      }
    }
  }

  private static List<Path> filesOf(Path folder, String ending) throws IOException {
    try (var files = Files.walk(folder)) {
      return files.filter(f -> f.toString().endsWith(ending)).sorted().toList();
    }
  }

  private static URL url(Path file) {
    try {
      return file.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private void read(Path jar) throws IOException {
    try (var zip = new ZipFile(jar.toFile())) {
      for (var entry : Collections.list(zip.entries())) {
        var name = entry.getName();
        if (name.endsWith(".class")) {
          published.put(
              name.substring(0, name.length() - ".class".length()),
              zip.getInputStream(entry).readAllBytes());
        } else if (!KEPT_AS_IS.matcher(name).matches()) {
          throw new IllegalStateException(
              jar + " has " + name + ": may it name classes? TrimSdk.java must know");
        }
      }
    }
  }

  /// Collects the classes that a class names, and the operations that it calls.
  private void look(byte[] bytes, Set<String> named) {
    for (var entry : format.parse(bytes).constantPool()) {
      switch (entry) {
        case Utf8Entry text ->
            NAME.matcher(text.stringValue()).results().forEach(found -> named.add(found.group()));
        case MemberRefEntry member when CLIENT.matcher(member.owner().asInternalName()).matches() ->
            called.add(operation(member.owner().asInternalName(), member.name().stringValue()));
        default -> {}
      }
    }
  }

  /// @param client the internal name of the client's class; its package is the service's
  private static String operation(String client, String method) {
    return client.substring(0, client.lastIndexOf('/') + 1) + method;
  }

  /// What is kept may call further operations, a paginator for one: until there are no more.
  private void close() {
    int before;
    do {
      before = called.size();
      kept.clear();
      Deque<String> open = new ArrayDeque<>(roots);
      while (!open.isEmpty()) {
        var name = open.pop();
        var bytes = published.get(name);
        if (bytes != null && !kept.containsKey(name)) {
          var result = CLIENT.matcher(name).matches() ? trim(bytes) : bytes;
          kept.put(name, result);
          var named = new TreeSet<String>();
          look(result, named);
          open.addAll(named);
        }
      }
    } while (called.size() > before);
  }

  private byte[] trim(byte[] client) {
    var model = format.parse(client);
    var lambdas = new HashSet<String>();
    while (true) {
      // The list of inner classes is for reflection alone, and names every builder.
      var result =
          format.transformClass(
              model,
              ClassTransform.dropping(e ->
                  e instanceof InnerClassesAttribute
                      || (e instanceof MethodModel m && !stays(model, m, lambdas))));
      if (!lambdas.addAll(lambdasOf(format.parse(result)))) {
        return result;
      }
    }
  }

  private boolean stays(ClassModel client, MethodModel method, Set<String> lambdas) {
    var name = method.methodName().stringValue();
    return name.startsWith("lambda$")
        ? lambdas.contains(name)
        : called.contains(operation(client.thisClass().asInternalName(), name))
            || !OPERATION.matcher(method.methodType().stringValue()).find();
  }

  private static Set<String> lambdasOf(ClassModel model) {
    var found = new TreeSet<String>();
    for (var entry : model.constantPool()) {
      if (entry instanceof MemberRefEntry member
          && member.name().stringValue().startsWith("lambda$")) {
        found.add(member.name().stringValue());
      }
    }
    return found;
  }

  private void write(Path jar, Path to) throws IOException {
    try (var zip = new ZipFile(jar.toFile());
        var out = new ZipOutputStream(Files.newOutputStream(to))) {
      for (var entry : Collections.list(zip.entries())) {
        var name = entry.getName();
        var bytes =
            name.endsWith(".class")
                ? kept.get(name.substring(0, name.length() - ".class".length()))
                : zip.getInputStream(entry).readAllBytes();
        if (bytes != null && !entry.isDirectory()) {
          add(out, name, entry, bytes);
        }
        if (name.equals("META-INF/MANIFEST.MF")) {
          add(out, NOTICE, entry, WORDS.getBytes(StandardCharsets.UTF_8));
        }
      }
    }
  }

  private static void add(ZipOutputStream out, String name, ZipEntry like, byte[] bytes)
      throws IOException {
    var entry = new ZipEntry(name);
    entry.setTimeLocal(like.getTimeLocal());
    out.putNextEntry(entry);
    out.write(bytes);
    out.closeEntry();
  }
}
