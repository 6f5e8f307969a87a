package io.armory.agent.adapter.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Parameters.Hidden;
import io.armory.agent.domain.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvFileParametersTest {
  @TempDir Path directory;

  @Test
  void the_stacks_file_wins_over_the_default_one_and_each_value_knows_its_line()
      throws IOException {
    write("default.env", "# site\nAPI_HOST=http://a\n\nexport DECK_HOST=http://deck");
    write("preprod.env", "API_HOST=http://b\n");

    var read = read("preprod");

    assertThat(shown(read, "API_HOST")).isEqualTo("http://b");
    assertThat(parameter(read, "API_HOST").origin())
        .isEqualTo(directory.resolve("preprod.env") + ":1");
    assertThat(shown(read, "DECK_HOST")).isEqualTo("http://deck");
    assertThat(parameter(read, "DECK_HOST").origin())
        .isEqualTo(directory.resolve("default.env") + ":4");
  }

  @Test
  void missing_files_are_fine() {
    assertThat(read("preprod")).isEqualTo(Parameters.NONE);
  }

  @Test
  void a_missing_last_newline_joins_nothing() throws IOException {
    write("default.env", "A=1");
    write("preprod.env", "B=2");

    assertThat(read("preprod").variables().keySet()).containsExactly("A", "B");
  }

  @Test
  void a_stack_named_like_a_path_stays_inside_the_directory() throws IOException {
    Files.writeString(directory.resolveSibling("outside.env"), "A=1\n");

    assertThat(read("../outside").variables()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "A=plain, plain",
        "A = spaced  , spaced",
        "A=with space # comment, with space",
        "A=no#comment, no#comment",
        "A='raw ${B} \\n', raw ${B} \\n",
        "A='quoted' # comment, quoted",
        "A=\"a\\tb \\\"c\\\" \\$x\", `a\tb \"c\" $x`",
        "A=pa$word$$1, pa$word$$1",
        "A=http://${BASE}:8084, http://base:8084",
        "A=x=y=z, x=y=z",
        "A=, ``",
        "A=# comment, ``",
      })
  void values_are_read_as_shells_write_them(String line, String value) throws IOException {
    write("default.env", "\uFEFFBASE=base\r\n" + line + "\r\n");

    assertThat(shown(read("default"), "A")).isEqualTo(value);
  }

  @Test
  void a_variable_of_the_default_file_can_be_used_in_the_stacks() throws IOException {
    write("default.env", "DEFAULT_DNS_NAME=lb.internal\n");
    write("ha.env", "API_HOST=http://${DEFAULT_DNS_NAME}:8084\n");

    assertThat(shown(read("ha"), "API_HOST")).isEqualTo("http://lb.internal:8084");
  }

  @Test
  void all_that_is_wrong_is_told_with_its_line_and_no_value() throws IOException {
    write("default.env", "OK=1\nhunter2\nA=\"open hunter2\nB='x' hunter2\nC=${NOPE}\n");

    var file = directory.resolve("default.env");
    assertThat(source().read(identity("x")))
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            f ->
                assertThat(f.failure().message().lines())
                    .satisfiesExactly(
                        l -> assertThat(l).startsWith(file + ":2: is not NAME=value"),
                        l -> assertThat(l).startsWith(file + ":3: A has no closing \""),
                        l -> assertThat(l).startsWith(file + ":4: B has text after"),
                        l -> assertThat(l).startsWith(file + ":5: ${NOPE} is not set above"))
                    .noneMatch(l -> l.contains("hunter2")));
  }

  @Test
  void what_is_no_text_is_told_with_its_line() throws IOException {
    var bytes = "A=ä\nB=x\nC=\0\n".getBytes(StandardCharsets.UTF_8);
    bytes["A=ä\nB=".getBytes(StandardCharsets.UTF_8).length] = (byte) 0xff;
    Files.write(directory.resolve("default.env"), bytes);

    assertThat(source().read(identity("x")).whyFailed())
        .get()
        .satisfies(f ->
            assertThat(f.message().lines())
                .satisfiesExactly(
                    l -> assertThat(l).contains("default.env:2: is not UTF-8 text"),
                    l -> assertThat(l).contains("default.env:3: C holds a NUL")));
  }

  @Test
  void a_long_value_and_one_with_dollars_in_single_quotes_are_literal() throws IOException {
    var value = "$HOME ${x} $$ ".repeat(300);
    write("default.env", "LONG='" + value + "'\n");
    assertThat(shown(read("default"), "LONG")).isEqualTo(value);
  }

  @ParameterizedTest
  @Timeout(20)
  @ValueSource(
      strings = {
        "mkfifo default.env",
        "ln -s /dev/zero default.env",
        "truncate -s 3G default.env",
        "mkdir default.env",
        "ln -s nowhere default.env",
      })
  void what_may_never_end_is_not_read(String made) throws Exception {
    var sh = new ProcessBuilder("sh", "-c", made).directory(directory.toFile()).start();
    assertThat(sh.waitFor()).isZero();

    var failure = source().read(identity("x")).whyFailed().orElseThrow();

    assertThat(failure.message()).contains("default.env").hasSizeLessThan(300);
  }

  @Test
  void no_file_can_also_be_said_by_a_link_to_nothing() throws IOException {
    Files.createSymbolicLink(directory.resolve("default.env"), Path.of("/dev/null"));
    assertThat(read("preprod")).isEqualTo(Parameters.NONE);
  }

  /// Twenty lines that each name the one before twice: a gigabyte.
  @Test
  void values_that_grow_without_end_are_refused_where_they_do() throws IOException {
    var doubling = new StringBuilder("A0=" + "x".repeat(1000) + "\n");
    for (var i = 1; i <= 20; i++) {
      doubling.append("A%d=${A%d}${A%d}%n".formatted(i, i - 1, i - 1));
    }
    write("default.env", doubling.toString());
    assertThat(source().read(identity("x")).whyFailed().orElseThrow().message())
        .contains("default.env:9: has a value of more than 128 KiB");

    var many = new StringBuilder("A=" + "x".repeat(100_000) + "\n");
    for (var i = 0; i < 50; i++) {
      many.append("A%d=${A}%n".formatted(i));
    }
    write("default.env", many.toString());
    assertThat(source().read(identity("x")).whyFailed().orElseThrow().message())
        .contains("default.env:42: makes all values longer than 4 MiB");
  }

  @ParameterizedTest
  @CsvSource({
    "REDIS_PASSWORD, true",
    "GITHUB_TOKEN, true",
    "OAUTH_CLIENT_SECRET, true",
    "AWS_SECRET_ACCESS_KEY, true",
    "PASSWORD, true",
    "AWS_ACCESS_KEY_ID, false",
    "PASSWORD_FILE, false",
    "TOKENS, false",
  })
  void a_name_that_says_secret_is_one(String name, boolean secret) throws IOException {
    write("default.env", name + "=hunter2\n");

    var value = parameter(read("default"), name).value();

    assertThat(value instanceof Hidden).isEqualTo(secret);
    assertThat(value.shown()).isEqualTo(secret ? Secret.MASK : "hunter2");
  }

  private String shown(Parameters read, String name) {
    return parameter(read, name).value().shown();
  }

  private static Parameters.Parameter parameter(Parameters read, String name) {
    return Objects.requireNonNull(read.variables().get(name));
  }

  private Parameters read(String stack) {
    return switch (source().read(identity(stack))) {
      case Outcome.Done<Parameters>(var value) -> value;
      case Outcome.Failed<Parameters>(var failure) -> throw new AssertionError(failure.message());
    };
  }

  private EnvFileParameters source() {
    return new EnvFileParameters(directory);
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(directory.resolve(name), text);
  }

  private static NodeIdentity identity(String stack) {
    var fact = new Fact(stack, "test");
    return new NodeIdentity(fact, Optional.empty(), fact, Map.of(), Map.of(), List.of());
  }
}
