package io.armory.agent;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The rooms of ARCHITECTURE.md and what each may import, as rules that fail the build.
class ArchitectureTest {
  private static final String ROOT = "io.armory.agent";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  /// Room → the other rooms it may import. Every package must be listed here. `view` puts reports
  /// into words and JSON, for whoever serves or prints them.
  private static final Map<String, List<String>> ROOMS =
      Map.ofEntries(
          Map.entry("domain", List.of()),
          Map.entry("port", List.of("domain")),
          Map.entry("compose", List.of("domain")),
          Map.entry("render", List.of("compose", "domain")),
          Map.entry("legacy", List.of("domain")),
          Map.entry("plan", List.of("domain")),
          Map.entry("health", List.of("domain")),
          Map.entry("view", List.of("domain")),
          Map.entry("reconcile", List.of("domain", "port", "compose", "render", "plan", "health")),
          Map.entry("adapter.docker", List.of("port", "domain")),
          Map.entry("adapter.aws", List.of("port", "domain")),
          Map.entry("adapter.redis", List.of("port", "domain")),
          Map.entry("adapter.files", List.of("port", "domain", "compose")),
          Map.entry("adapter.probe", List.of("port", "domain")),
          Map.entry("adapter.systemd", List.of("port", "domain")),
          Map.entry("adapter.http", List.of("port", "view", "domain")),
          Map.entry("config", List.of("domain", "compose")),
          Map.entry("cli", List.of("domain", "config", "view")));

  private static final List<String> PURE =
      List.of("domain", "compose", "render", "legacy", "plan", "health", "view");

  /// Libraries, and the rooms that may see them.
  private static final Map<String, List<String>> LIBRARY_HOMES =
      Map.of(
          "com.github.dockerjava..", List.of("adapter.docker"),
          "software.amazon.awssdk..", List.of("adapter.aws"),
          "io.vertx..", List.of("adapter.http"),
          "io.micrometer..", List.of("adapter.http"),
          "redis.clients..", List.of("adapter.redis"),
          "picocli..", List.of("cli"),
          "ch.qos.logback..", List.of("app"),
          "org.snakeyaml.engine..", List.of("compose", "config"));

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
                Stream.concat(Stream.of(ROOT + ".app.."), ROOMS.keySet().stream().map(this::within))
                    .toArray(String[]::new)));
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
    var allowed = new ArrayList<String>();
    allowed.add(within(room));
    others.forEach(o -> allowed.add(within(o)));
    return noClasses()
        .that()
        .resideInAPackage(within(room))
        .should()
        .dependOnClassesThat(
            JavaClass.Predicates.resideInAPackage(ROOT + "..")
                .and(
                    DescribedPredicate.not(
                        JavaClass.Predicates.resideInAnyPackage(allowed.toArray(String[]::new)))))
        .as(room + " may import " + others + " alone");
  }

  private String within(String room) {
    return ROOT + "." + room + "..";
  }

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(CLASSES);
  }
}
