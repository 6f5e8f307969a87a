package io.armory.agent.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.armory.agent.compose.project.Project;
import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.Location;
import io.armory.agent.compose.source.Node;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.SourceFiles;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.ThrowingSupplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever a file holds, the answer comes after a second of work at most and says what is wrong.
/// That it does so in little memory is tried with the command itself, in the heap its launcher
/// gives it.
class HostileInputTest {
  private static final Duration BOUND = Duration.ofSeconds(1);

  /// Only what never ends takes so long.
  private static final Duration ENDLESS = Duration.ofMinutes(1);

  @BeforeAll
  static void warm() {
    assertThat(Loading.load("services: {a: {image: i}}")).isNotNull();
  }

  /// What it costs is measured in the thread's own time: on a busy machine a second of the clock is
  /// less than a second of work.
  private static <T> T bounded(ThrowingSupplier<T> answer) {
    return bounded(BOUND, answer);
  }

  private static <T> T bounded(Duration bound, ThrowingSupplier<T> answer) {
    return assertTimeoutPreemptively(
        ENDLESS,
        () -> {
          var threads = ManagementFactory.getThreadMXBean();
          var began = threads.getCurrentThreadCpuTime();
          var given = answer.get();
          assertThat(Duration.ofNanos(threads.getCurrentThreadCpuTime() - began)).isLessThan(bound);
          return given;
        });
  }

  private static String repeat(int times, IntFunction<String> text) {
    return IntStream.range(0, times).mapToObj(text).collect(Collectors.joining());
  }

  static Stream<Named<String>> files() {
    String services = "services:\n";
    return Stream.of(
        Named.of("lists 10,000 deep", "x-a: " + "[".repeat(10_000)),
        Named.of("closed lists", "x-a: " + "[".repeat(10_000) + "]".repeat(10_000)),
        Named.of("mappings 10,000 deep", "x-a: " + "{a: ".repeat(10_000)),
        Named.of("block lists 10,000 deep", "x-a:\n" + "- ".repeat(10_000)),
        Named.of("indented mappings", repeat(2_000, i -> " ".repeat(i) + "a:\n")),
        Named.of("complex keys", "? ".repeat(10_000)),
        Named.of(
            "a bomb of aliases",
            "x-0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
                + repeat(
                    9,
                    i ->
                        "x-%d: &a%d [%s]\n"
                            .formatted(i + 1, i + 1, ("*a" + i + ",").repeat(9) + "*a" + i))),
        Named.of(
            "a bomb of merge keys",
            "x-0: &a0 {"
                + repeat(100, i -> "k" + i + ": v,")
                + "}\n"
                + repeat(
                    2_000, i -> "x-%d: &a%d {<<: *a%d, l%d: v}\n".formatted(i + 1, i + 1, i, i))),
        Named.of("an anchor in itself", "x-a: &a {b: *a}\n"),
        Named.of("200,000 nodes", "x-a: [" + "1,".repeat(200_000) + "]"),
        Named.of("many documents", "---\nx-a: 1\n".repeat(10_000)),
        Named.of(
            "port ranges",
            services
                + "  a: {image: i, ports: ["
                + repeat(50, i -> "\"127.0.0." + i + "::1-65535\",")
                + "]}\n"),
        Named.of(
            "nested defaults",
            services + "  a: {image: \"" + "${X:-".repeat(5_000) + "}".repeat(5_000) + "\"}"),
        Named.of(
            "a chain of extends",
            services
                + repeat(2_000, i -> "  a%d: {extends: a%d}\n".formatted(i, i + 1))
                + "  a2000: {image: i}\n"),
        Named.of(
            "a fan of extends",
            services
                + "  base: {image: i, cap_add: ["
                + repeat(20_000, i -> "C" + i + ",")
                + "]}\n"
                + repeat(2_000, i -> "  a%d: {extends: base}\n".formatted(i))),
        Named.of(
            "a cycle of dependencies",
            services
                + repeat(
                    2_000,
                    i -> "  a%d: {image: i, depends_on: [a%d]}\n".formatted(i, (i + 1) % 2_000))),
        Named.of("control characters", "services: \u0000\u0001\u0002"),
        Named.of("many unknown keys", repeat(20_000, i -> "k" + i + ": 1\n")),
        Named.of("a very long key", "k".repeat(2_000_000) + ": 1\n"),
        Named.of("a very long line", "x-a: " + "k ".repeat(1_000_000) + ": a\n"),
        Named.of("a very long quote", "x-a: \"" + "k \\n".repeat(500_000)),
        Named.of("many short lines", "x-a: |\n" + " a\n".repeat(650_000) + "x-a: 1\n"),
        Named.of("many comments", "# c\n".repeat(500_000) + "nope"),
        Named.of("an escape cut off", "x-a: \"\\U"),
        Named.of(
            "address pools to merge",
            repeat(
                2,
                _ ->
                    services
                        + "  a: {image: i}\nnetworks: {n: {ipam: {config: ["
                        + repeat(4_000, i -> "{subnet: 10.%d.%d.0/24},".formatted(i / 250, i % 250))
                        + "]}}}\n---\n")),
        Named.of(
            "many names that are not known",
            services
                + "  a: {image: i, depends_on: ["
                + repeat(6_000, i -> "%040x,".formatted(i))
                + "]}\n"
                + repeat(6_000, i -> "  b%039x: {image: i}\n".formatted(i))),
        Named.of("many anchors", "x-a: [" + repeat(60_000, i -> "&a" + i + " x,") + "*no]"));
  }

  @ParameterizedTest
  @MethodSource("files")
  void is_refused_within_a_second(String text) {
    List<String> problems = bounded(() -> Loading.problems(Loading.load(text)));
    assertThat(problems).isNotEmpty().hasSizeLessThanOrEqualTo(Problem.MOST);
    assertThat(problems.getFirst()).startsWith("/p/compose.yaml");
  }

  /// Each took minutes, or 5 s and more, while all that follows in the text was moved, or its line
  /// gone through, for each of them.
  static Stream<Named<String>> linear() {
    int most = 2 * 1024 * 1024 - 100;
    return Stream.of(
        Named.of("items", "x-a:\n- " + "- ".repeat(most / 2)),
        Named.of("keys", "x-a: " + "b: ".repeat(most / 3)),
        Named.of("alias keys", "x-a: &a b\n" + "*a: ".repeat(most / 4)),
        Named.of(
            "hosts of two files",
            repeat(
                2,
                n ->
                    "---\nservices: {a: {image: i, extra_hosts: ["
                        + repeat(40_000, i -> "h%d-%d:::1,".formatted(n, i))
                        + "]}}\n")),
        Named.of("defaults", "x-a: \"" + "${A:-b}".repeat(most / 7) + "\""),
        Named.of("questions", "x-a: [" + "?b,".repeat(most / 3) + "]"),
        Named.of("escapes", "x-a: \"" + "\\L".repeat(most / 2) + "\""),
        Named.of("line breaks", "x-a: \"" + "a \u2028".repeat(most / 5) + "\"\n"),
        Named.of("items with them", "x-a:\n" + repeat(most / 13, i -> "- \"a \u2028 b\"\n")),
        Named.of("block scalars with them", "x-a:\n" + repeat(most / 12, i -> "- |\n a\u2028\n")),
        Named.of(
            "an indentation for each",
            "x-a: \"" + "\n\u2028".repeat(most / 8) + " ".repeat(most / 2) + "a\""));
  }

  @ParameterizedTest
  @MethodSource("linear")
  void each_of_a_million_costs_the_same(String text) {
    assertThat(bounded(BOUND.multipliedBy(4), () -> Loading.load(text))).isNotNull();
  }

  @Test
  void a_file_of_100_megabytes_is_not_even_read() {
    SourceFiles huge =
        (path, most) -> {
          assertThat(most).isLessThan(10_000_000);
          return path.equals(Loading.FILE)
              ? new SourceFiles.TooLarge(100_000_000)
              : new SourceFiles.Missing();
        };
    ComposeRequest request = ComposeRequest.of("/p", List.of("compose.yaml"));
    assertThat(Loading.problems(ComposeLoader.load(request, huge)))
        .containsExactly(
            "/p/compose.yaml: is too large: 100000000 bytes, at most 2097152; check the path");
  }

  @Test
  void variables_that_double_each_other_stop_growing() {
    String dotEnv = "A0=xxxxxxxxxx\n" + repeat(60, i -> "A%d=$A%d$A%d\n".formatted(i + 1, i, i));
    Map<String, String> files =
        Map.of(Loading.FILE, "services: {a: {image: \"$A60\"}}", "/p/.env", dotEnv);
    List<String> problems = bounded(() -> Loading.problems(Loading.load(files, Map.of())));
    assertThat(problems).anySatisfy(p -> assertThat(p).contains("/p/.env").contains("too long"));
  }

  /// In the heap that the launcher gives, each ended the agent.
  @Test
  void what_grows_in_memory_is_refused() {
    var words = "services: {a: {image: i, command: \"" + "a ".repeat(1_000_000) + "\"}}";
    assertThat(Loading.problems(words))
        .singleElement()
        .asString()
        .contains("services.a.command: has more than 100000 words");
    var defaults = "x-a: \"" + "${A:-{{".repeat(230_000) + "}".repeat(400_000) + "\"\n";
    assertThat(Loading.problems(defaults)).singleElement().asString().contains("too long");
    var read = "services:\n" + repeat(1_000, i -> "  a%d: {image: i, env_file: e}\n".formatted(i));
    var files = Map.of(Loading.FILE, read, "/p/e", repeat(1_000, i -> "A%d=b\n".formatted(i)));
    assertThat(Loading.problems(Loading.load(files, Map.of())))
        .containsExactly(
            "/p/e: makes the variables of all such files more than 100000; use fewer, or fewer files");
  }

  @Test
  void more_services_than_the_heap_may_hold_are_refused() {
    var model = Node.mapping(new Location("f", 1, 1));
    var services = Node.mapping(new Location("f", 2, 3));
    for (int i = 0; i < 5462; i++) {
      services.put("a" + i, "");
    }
    model.put("services", services);
    var findings = new Diagnostics();
    assertThat(Project.isTooLarge(model, 65L << 20, findings)).isFalse();
    assertThat(Project.isTooLarge(model, 64L << 20, findings)).isTrue();
    assertThat(findings.problems())
        .extracting(Object::toString)
        .containsExactly("f:2:3: services: are more than 5461; split them into several projects");
  }

  @Test
  void includes_that_include_everything_end() {
    Map<String, String> files = new LinkedHashMap<>();
    files.put(Loading.FILE, "include: [f0.yaml]\nservices: {a: {image: i}}\n");
    for (int i = 0; i < 300; i++) {
      files.put("/p/f" + i + ".yaml", "include: [f%d.yaml]\n".formatted(i + 1));
    }
    assertThat(bounded(() -> Loading.problems(Loading.load(files, Map.of())))).isNotEmpty();
  }

  @Test
  void includes_that_fan_out_end() {
    Map<String, String> files = new LinkedHashMap<>();
    files.put(Loading.FILE, "include: [f0.yaml, f0.yaml]\nservices: {a: {image: i}}\n");
    for (int i = 0; i < 40; i++) {
      files.put("/p/f" + i + ".yaml", "include: [f%d.yaml, f%d.yaml]\n".formatted(i + 1, i + 1));
    }
    files.put("/p/f40.yaml", "services: {b: {image: i}}\n");
    assertThat(bounded(() -> Loading.problems(Loading.load(files, Map.of())))).isNotEmpty();
  }

  @Test
  void a_large_honest_project_loads() {
    String yaml =
        "services:\n"
            + repeat(
                500,
                i ->
                    "  s%d: {image: i, environment: {A: b, C: d}, ports: [\"%d:80\"], depends_on: [%s]}\n"
                        .formatted(i, 10_000 + i, i == 0 ? "" : "s" + (i - 1)));
    assertThat(bounded(() -> Loading.loaded(yaml)).stack().services()).hasSize(500);
  }
}
