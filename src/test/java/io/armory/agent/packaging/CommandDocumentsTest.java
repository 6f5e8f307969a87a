package io.armory.agent.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The Command documents: well formed, every parameter fenced in, and no parameter a command, even
/// if the fence were not there. The scripts are run by real shells; `armory-agent` is one that
/// writes down what it was given.
class CommandDocumentsTest {
  private static final Pattern REFERENCE =
      Pattern.compile("\\{\\{\\s*([A-Za-z0-9_.:-]+)\\s*\\}\\}");

  /// Each would make the file `hit`, were it ever a command.
  private static final List<String> HOSTILE =
      List.of(
          "gate; touch HIT",
          "$(touch HIT)",
          "`touch HIT`",
          "gate && touch HIT",
          "gate | touch HIT",
          "gate\ntouch HIT",
          "gate\n\ntouch HIT\n",
          "'; touch HIT; '",
          "\"; touch HIT; \"",
          "'$(touch HIT)'",
          "\"$(touch HIT)\"",
          "gate > HIT",
          "${IFS}$(touch${IFS}HIT)",
          "\\\"; touch HIT; #",
          "EOF\ntouch HIT",
          "{{ Service }}; touch HIT",
          "--root=/tmp",
          "-f",
          "gate --json",
          "*",
          "~root",
          "gate\u0000touch HIT".replace('\u0000', '\r'),
          "a".repeat(5_000));

  @TempDir Path directory;

  @BeforeEach
  void recorder() throws IOException {
    var bin = Files.createDirectories(directory.resolve("bin"));
    var file = bin.resolve("armory-agent");
    Files.writeString(
        file,
        "#!/bin/sh\nfor word in \"$@\"; do printf '%s\\037' \"$word\" >>"
            + directory.resolve("called")
            + "; done\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  static Stream<CommandDocument> documents() {
    return CommandDocument.all().stream();
  }

  @Test
  void there_is_one_for_everything_that_is_done_to_a_fleet() {
    assertThat(documents().map(CommandDocument::name))
        .containsExactly(
            "Approve",
            "Backup",
            "Doctor",
            "Drain",
            "Events",
            "History",
            "Logs",
            "Maintenance",
            "Plan",
            "Restart",
            "Rollback",
            "Start",
            "Status",
            "Stop",
            "SupportBundle",
            "Sync");
  }

  @ParameterizedTest
  @MethodSource("documents")
  void document_is_well_formed(CommandDocument document) {
    assertThat(document.content().keySet())
        .isEqualTo(Set.of("schemaVersion", "description", "parameters", "mainSteps"));
    assertThat(document.content()).containsEntry("schemaVersion", "2.2");
    var step = document.step();
    assertThat(step.keySet()).isEqualTo(Set.of("action", "name", "precondition", "inputs"));
    assertThat(step).containsEntry("action", "aws:runShellScript");
    assertThat(String.valueOf(step.get("name"))).matches("[a-zA-Z0-9_]+");
    assertThat(step.get("precondition"))
        .isEqualTo(Map.of("StringEquals", List.of("platformType", "Linux")));
    var inputs = (Map<?, ?>) step.get("inputs");
    assertThat(inputs).isNotNull();
    var seconds = Integer.parseInt(String.valueOf(inputs.get("timeoutSeconds")));
    assertThat(seconds).isBetween(1, 172_800);
    var referred = new ArrayList<String>();
    REFERENCE.matcher(document.script()).results().forEach(m -> referred.add(m.group(1)));
    assertThat(referred)
        .as("each parameter is used once, and none that is not declared")
        .containsExactlyInAnyOrderElementsOf(
            document.parameters().stream().map(CommandDocument.Parameter::name).toList());
  }

  @ParameterizedTest
  @MethodSource("documents")
  void every_parameter_is_constrained_and_its_default_allowed(CommandDocument document) {
    var said = document.content().get("parameters");
    assertThat(said).isInstanceOf(Map.class);
    for (var parameter : document.parameters()) {
      var keys =
          (Map<?, ?>)
              Objects.requireNonNull(
                  ((Map<?, ?>) Objects.requireNonNull(said)).get(parameter.name()));
      assertThat(parameter.name()).matches("[A-Za-z]+");
      assertThat(keys.get("type")).isEqualTo("String");
      assertThat(String.valueOf(keys.get("description"))).isNotBlank();
      if (parameter.allowedValues().isEmpty()) {
        assertThat(parameter.pattern()).startsWith("^").endsWith("$");
        assertThat(parameter.environment()).as(parameter + " is free text").isTrue();
      }
      if (keys.containsKey("default")) {
        assertThat(parameter.allows(parameter.fallback())).as(parameter.toString()).isTrue();
      }
      for (var hostile : HOSTILE) {
        if (parameter.name().equals("Reason") && hostile.equals("gate --json")) {
          continue; // a sentence may have blanks and hyphens in it, and arrives as one word
        }
        assertThat(parameter.allows(hostile)).as("%s allows %s", parameter, hostile).isFalse();
      }
    }
  }

  /// A reference stands alone on the one line of a here-document that expands nothing.
  @ParameterizedTest
  @MethodSource("documents")
  void no_reference_is_where_a_shell_would_look_into_it(CommandDocument document) {
    var lines = document.script().lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      if (REFERENCE.matcher(lines.get(i)).find()) {
        assertThat(lines.get(i)).matches("\\{\\{ [A-Za-z]+ \\}\\}");
        assertThat(lines.get(i - 1)).matches("IFS= read -r [A-Za-z_]+ <<'ARMORY_AGENT_PARAMETER'");
        assertThat(lines.get(i + 1)).isEqualTo("ARMORY_AGENT_PARAMETER");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void no_hostile_value_becomes_a_command_even_if_it_got_past_the_constraint(
      CommandDocument document) throws Exception {
    for (var parameter : document.parameters()) {
      for (var hostile : HOSTILE) {
        var values = usual(document);
        values.put(parameter.name(), hostile.replace("HIT", directory.resolve("hit").toString()));
        run("sh", document.textual(values), Map.of());
        expectNothingBut(document, parameter, hostile);
        run("bash", document.textual(values), Map.of());
        expectNothingBut(document, parameter, hostile);
        if (parameter.environment()) {
          run("sh", document.referring(values), document.environment(values));
          expectNothingBut(document, parameter, hostile);
        }
      }
    }
  }

  private void expectNothingBut(
      CommandDocument document, CommandDocument.Parameter parameter, String hostile)
      throws IOException {
    var what = document.name() + " with " + parameter.name() + " = " + hostile;
    assertThat(directory.resolve("hit")).as(what).doesNotExist();
    for (var word : called()) {
      assertThat(word).as(what).doesNotStartWith("--root").isNotIn("-f", "--json");
      assertThat(word.lines().count()).as(what).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void usual_values_arrive_as_they_were_written() throws Exception {
    expect("Status", Map.of(), "status");
    expect("Status", Map.of("Format", "json"), "status", "--json");
    expect("Sync", Map.of(), "sync", "--timeout=30m");
    expect(
        "Sync",
        Map.of("Timeout", "1h", "RemoveOrphans", "true"),
        "sync",
        "--timeout=1h",
        "--remove-orphans");
    expect("Doctor", Map.of(), "doctor");
    expect("Plan", Map.of("Format", "json"), "plan", "--json");
    expect("History", Map.of(), "history");
    expect("Events", Map.of("Since", "2d"), "events", "--since=2d");
    expect("Start", Map.of(), "start");
    expect("Stop", Map.of("Service", "igor"), "stop", "--", "igor");
    expect("Backup", Map.of(), "backup");
    expect("Backup", Map.of("To", "s3://acme/spinnaker/"), "backup", "--to=s3://acme/spinnaker/");
    expect("SupportBundle", Map.of(), "support-bundle");
    expect("SupportBundle", Map.of("To", "s3://acme/s"), "support-bundle", "--output=s3://acme/s");
    expect("Rollback", Map.of(), "rollback", "--timeout=30m");
    expect("Rollback", Map.of("Revision", "3f2a91c"), "rollback", "--timeout=30m", "--", "3f2a91c");
    expect("Rollback", Map.of("Release", "true"), "rollback", "--timeout=30m", "--release");
    expect("Approve", Map.of(), "approve", "--timeout=30m");
    expect("Approve", Map.of("Revision", "3f2a91c"), "approve", "--timeout=30m", "--", "3f2a91c");
    expect("Restart", Map.of(), "restart");
    expect("Restart", Map.of("Service", "igor-poller"), "restart", "--", "igor-poller");
    expect("Logs", Map.of(), "logs", "--tail=50");
    expect("Logs", Map.of("Service", "gate", "Lines", "7"), "logs", "--tail=7", "--", "gate");
    expect("Drain", Map.of("Timeout", "10m"), "drain", "--timeout=10m");
    expect(
        "Maintenance",
        Map.of(
            "Switch",
            "on",
            "For",
            "1d",
            "Reason",
            "disk swap, see OPS-12 (no)".replace(" (no)", "")),
        "maintenance",
        "on",
        "--for=1d",
        "--reason=disk swap, see OPS-12");
    expect("Maintenance", Map.of("Switch", "off"), "maintenance", "off");
  }

  private void expect(String name, Map<String, String> values, String... words) throws Exception {
    var document = CommandDocument.named(name);
    document
        .parameters()
        .forEach(p -> {
          var value = values.getOrDefault(p.name(), p.fallback());
          assertThat(p.allows(value)).as(p + " allows " + value).isTrue();
        });
    for (var shell : List.of("sh", "bash")) {
      assertThat(run(shell, document.textual(values), Map.of())).isZero();
      assertThat(called()).containsExactly(words);
      assertThat(run(shell, document.referring(values), document.environment(values))).isZero();
      assertThat(called()).containsExactly(words);
    }
  }

  private static Map<String, String> usual(CommandDocument document) {
    var values = new TreeMap<String, String>();
    if (document.name().equals("Maintenance")) {
      values.put("Switch", "on");
    }
    return values;
  }

  private int run(String shell, String script, Map<String, String> environment) throws Exception {
    Files.deleteIfExists(directory.resolve("called"));
    // SSM Agent writes it to a file and hands that to a shell.
    var file = directory.resolve("_script.sh");
    Files.writeString(file, script);
    var builder =
        new ProcessBuilder(shell, file.toString())
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("output").toFile());
    builder.environment().put("PATH", directory.resolve("bin") + ":" + System.getenv("PATH"));
    builder.environment().putAll(environment);
    var process = builder.start();
    process.getOutputStream().close();
    return process.waitFor();
  }

  private List<String> called() throws IOException {
    var file = directory.resolve("called");
    return Files.exists(file) ? List.of(Files.readString(file).split("\u001f")) : List.of();
  }
}
