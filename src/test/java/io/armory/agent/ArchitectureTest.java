package io.armory.agent;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The rooms of ARCHITECTURE.md and what each may import, as rules that fail the build.
class ArchitectureTest {
  private static final String ROOT = "io.armory.agent";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(of -> !of.contains("/test-classes/"))
          .importPackages(ROOT);

  /// The rooms of ARCHITECTURE.md's table. `x.*` is the package and those below it. `app` wires all
  /// and may import all; every other package must be one of them.
  private static final List<Room> TABLE = table();

  private static final Map<String, List<String>> ROOMS =
      TABLE.stream()
          .filter(r -> !r.name.equals("app"))
          .collect(Collectors.toMap(Room::name, Room::imports));

  /// And the domain, whose values the table calls immutable.
  private static final List<String> PURE =
      Stream.concat(
              Stream.of("domain"),
              TABLE.stream().filter(r -> r.purpose.endsWith("Pure")).map(Room::name))
          .toList();

  private record Room(String name, String purpose, List<String> imports) {}

  /// Libraries, and the rooms that may see them.
  private static final Map<String, List<String>> LIBRARY_HOMES =
      Map.of(
          "com.github.dockerjava..", List.of("adapter.docker"),
          // What docker-java brings.
          "com.google.common..", List.of(),
          "org.apache.commons..", List.of(),
          "software.amazon.awssdk..", List.of("adapter.aws"),
          "io.vertx..", List.of("adapter.http"),
          "io.micrometer..", List.of("adapter.http"),
          "redis.clients..", List.of("adapter.redis"),
          "picocli..", List.of("cli"),
          "ch.qos.logback..", List.of("app"),
          "org.snakeyaml.engine..", List.of("compose", "config"));

  private static List<Room> table() {
    try {
      return Files.readAllLines(Path.of("ARCHITECTURE.md")).stream()
          .map(Pattern.compile("\\| `([a-z.]+)` \\|(.*)\\|([^|]*)\\|")::matcher)
          .filter(Matcher::matches)
          .map(row ->
              new Room(
                  row.group(1),
                  row.group(2).strip(),
                  Pattern.compile("`([^`]+)`")
                      .matcher(row.group(3))
                      .results()
                      .map(r -> r.group(1))
                      .toList()))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @TestFactory
  Stream<DynamicTest> a_room_imports_only_the_rooms_it_may() {
    return ROOMS.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(room ->
            DynamicTest.dynamicTest(
                room.getKey(), () -> check(onlyImports(room.getKey(), room.getValue()))));
  }

  @Test
  void every_class_lives_in_a_known_room() {
    check(
        classes()
            .that()
            .resideInAPackage(ROOT + "..")
            .should()
            .resideInAnyPackage(
                Stream.concat(Stream.of("app"), ROOMS.keySet().stream())
                    .map(ArchitectureTest::packages)
                    .toArray(String[]::new)));
  }

  /// The reconciler's rooms have messages, ports and settings of it in common; of one another they
  /// make no circles.
  @Test
  void rooms_make_no_circles() {
    ROOMS.forEach((room, others) -> assertThat(reachable(room)).as(room).doesNotContain(room));
  }

  private static Set<String> reachable(String room) {
    var reached = new HashSet<String>();
    var open = new ArrayDeque<>(further(room));
    while (!open.isEmpty()) {
      var next = open.poll();
      if (reached.add(next)) {
        open.addAll(further(next));
      }
    }
    return reached;
  }

  private static List<String> further(String room) {
    return room.equals("reconcile")
        ? List.of()
        : ROOMS.getOrDefault(room, List.of()).stream()
            .flatMap(o ->
                o.endsWith(".*")
                    ? ROOMS.keySet().stream()
                        .filter(r -> r.startsWith(o.substring(0, o.length() - 1)))
                    : Stream.of(o))
            .toList();
  }

  @Test
  void the_domain_knows_the_jdk_alone() {
    check(
        classes()
            .that()
            .resideInAPackage(within("domain"))
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(within("domain"), "java..", "org.jspecify.."));
  }

  @TestFactory
  Stream<DynamicTest> pure_rooms_touch_no_io_clock_thread_log_or_environment() {
    return PURE.stream()
        .map(room ->
            DynamicTest.dynamicTest(
                room,
                () -> {
                  check(
                      noClasses()
                          .that()
                          .resideInAPackage(within(room))
                          .should()
                          .dependOnClassesThat(IMPURE));
                  check(
                      noClasses()
                          .that()
                          .resideInAPackage(within(room))
                          .should()
                          .callMethodWhere(READS_THE_WORLD));
                }));
  }

  /// The reconciler can be stepped: what it wants done it says, and what time it is it is told.
  @TestFactory
  Stream<DynamicTest> the_core_of_the_reconciler_has_no_thread_clock_or_log() {
    return Stream.of("", ".desired", ".observe", ".execute", ".evidence", ".report", ".intent")
        .map(room -> ROOT + ".reconcile" + room)
        .map(room ->
            DynamicTest.dynamicTest(
                room,
                () -> {
                  check(
                      noClasses()
                          .that()
                          .resideInAPackage(room)
                          .should()
                          .dependOnClassesThat(IMPURE));
                  check(
                      noClasses()
                          .that()
                          .resideInAPackage(room)
                          .should()
                          .callMethodWhere(READS_THE_WORLD));
                  check(
                      noClasses()
                          .that()
                          .resideInAPackage(room)
                          .should()
                          .dependOnClassesThat()
                          .areAssignableTo(java.time.InstantSource.class));
                }));
  }

  @TestFactory
  Stream<DynamicTest> a_library_stays_in_its_room() {
    return LIBRARY_HOMES.entrySet().stream()
        .map(e ->
            DynamicTest.dynamicTest(
                e.getKey(),
                () ->
                    check(
                        noClasses()
                            .that()
                            .resideOutsideOfPackages(
                                e.getValue().stream().map(this::within).toArray(String[]::new))
                            .should()
                            .dependOnClassesThat()
                            .resideInAPackage(e.getKey()))));
  }

  @Test
  void only_main_ends_the_process() {
    check(
        noClasses()
            .that()
            .doNotHaveFullyQualifiedName(ROOT + ".app.Main")
            .should()
            .callMethod(System.class, "exit", int.class)
            .orShould()
            .callMethod(Runtime.class, "halt", int.class));
  }

  @Test
  void only_config_reads_the_environment() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(within("config"))
            .should()
            .callMethod(System.class, "getenv")
            .orShould()
            .callMethod(System.class, "getenv", String.class));
  }

  private static final DescribedPredicate<JavaClass> IMPURE =
      new DescribedPredicate<>("do I/O, run threads or log") {
        @Override
        public boolean test(JavaClass c) {
          var name = c.getName();
          return name.startsWith("java.net.Socket")
              || name.startsWith("java.net.http.")
              || name.startsWith("java.nio.channels.")
              || name.equals("java.nio.file.Files")
              || name.startsWith("java.io.File")
              || name.equals("java.lang.Thread")
              || name.equals("java.lang.ProcessBuilder")
              || (name.startsWith("java.util.concurrent.")
                  && (name.contains("Executor") || name.contains("Lock")))
              || name.startsWith("org.slf4j.")
              || name.startsWith("ch.qos.logback.");
        }
      };

  private static final DescribedPredicate<com.tngtech.archunit.core.domain.JavaMethodCall>
      READS_THE_WORLD =
          new DescribedPredicate<>("reads the clock, the environment or the properties") {
            @Override
            public boolean test(com.tngtech.archunit.core.domain.JavaMethodCall call) {
              var owner = call.getTargetOwner().getName();
              var method = call.getTarget().getName();
              return (owner.startsWith("java.time.") && method.equals("now"))
                  || (owner.equals("java.lang.System")
                      && List.of("currentTimeMillis", "nanoTime", "getenv", "getProperty", "exit")
                          .contains(method))
                  || (owner.equals("java.util.UUID") && method.equals("randomUUID"))
                  || (owner.equals("java.lang.Math") && method.equals("random"));
            }
          };

  private ArchRule onlyImports(String room, List<String> others) {
    var allowed =
        Stream.concat(Stream.of(room), others.stream())
            .map(ArchitectureTest::packages)
            .toArray(String[]::new);
    return noClasses()
        .that()
        .resideInAPackage(packages(room))
        .should()
        .dependOnClassesThat(
            JavaClass.Predicates.resideInAPackage(ROOT + "..")
                .and(DescribedPredicate.not(JavaClass.Predicates.resideInAnyPackage(allowed))))
        .as(room + " may import " + others + " alone");
  }

  /// `x.*` is the package and those below it, as in the table.
  private static String packages(String room) {
    return ROOT + "." + (room.endsWith(".*") ? room.substring(0, room.length() - 1) + "." : room);
  }

  private String within(String room) {
    return ROOT + "." + room + "..";
  }

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(CLASSES);
  }
}
