package io.armory.agent.packaging;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// A Command document of Systems Manager, and what SSM Agent makes of it.
///
/// @param name the file's, without its ending
public record CommandDocument(String name, Map<String, Object> content) {
  private static final Path DOCUMENTS = Path.of("packaging/ssm");

  public static List<CommandDocument> all() {
    try (var files = Files.list(DOCUMENTS)) {
      return files
          .filter(f -> f.toString().endsWith(".yml"))
          .sorted()
          .map(CommandDocument::read)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static CommandDocument named(String name) {
    return read(DOCUMENTS.resolve(name + ".yml"));
  }

  @SuppressWarnings("unchecked")
  private static CommandDocument read(Path file) {
    try {
      var text = Files.readString(file);
      var content = new Load(LoadSettings.builder().build()).loadFromString(text);
      var name = file.getFileName().toString().replace(".yml", "");
      return new CommandDocument(name, (Map<String, Object>) Objects.requireNonNull(content));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// @param allowedValues empty: any that matches the pattern
  /// @param pattern empty: none
  public record Parameter(
      String name,
      List<String> allowedValues,
      String pattern,
      String fallback,
      boolean environment) {

    /// As Systems Manager decides. Its patterns are searched for, not matched.
    public boolean allows(String value) {
      return allowedValues.isEmpty()
          ? !pattern.isEmpty() && Pattern.compile(pattern).matcher(value).find()
          : allowedValues.contains(value);
    }
  }

  public List<Parameter> parameters() {
    return map(content.getOrDefault("parameters", Map.of())).entrySet().stream()
        .map(e -> parameter(e.getKey(), map(e.getValue())))
        .toList();
  }

  private static Parameter parameter(String name, Map<String, Object> said) {
    return new Parameter(
        name,
        list(said.getOrDefault("allowedValues", List.of())),
        String.valueOf(said.getOrDefault("allowedPattern", "")),
        String.valueOf(said.getOrDefault("default", "")),
        "ENV_VAR".equals(said.get("interpolationType")));
  }

  public Map<String, Object> step() {
    var steps = (List<?>) Objects.requireNonNull(content.get("mainSteps"));
    if (steps.size() != 1) {
      throw new AssertionError(name + " has " + steps.size() + " steps");
    }
    return map(steps.getFirst());
  }

  public String script() {
    var lines = map(Objects.requireNonNull(step().get("inputs"))).get("runCommand");
    return list(Objects.requireNonNull(lines)).stream().collect(Collectors.joining("\n"));
  }

  /// The script as an SSM Agent would run it: every parameter is text in it.
  public String textual(Map<String, String> values) {
    var script = script();
    for (var value : complete(values).entrySet()) {
      script =
          script.replaceAll(
              "\\{\\{\\s*" + value.getKey() + "\\s*\\}\\}",
              Matcher.quoteReplacement(value.getValue()));
    }
    return script;
  }

  /// The script of a newer agent: what is marked so is in the environment instead.
  public String referring(Map<String, String> values) {
    var others = new LinkedHashMap<>(complete(values));
    var script = script();
    for (var parameter : parameters()) {
      if (parameter.environment()) {
        others.remove(parameter.name());
        script =
            script.replaceAll(
                "\\{\\{\\s*" + parameter.name() + "\\s*\\}\\}",
                Matcher.quoteReplacement("${SSM_" + parameter.name() + "}"));
      }
    }
    for (var value : others.entrySet()) {
      script =
          script.replaceAll(
              "\\{\\{\\s*" + value.getKey() + "\\s*\\}\\}",
              Matcher.quoteReplacement(value.getValue()));
    }
    return script;
  }

  public Map<String, String> environment(Map<String, String> values) {
    var all = new TreeMap<String, String>();
    var complete = complete(values);
    for (var parameter : parameters()) {
      if (parameter.environment()) {
        all.put("SSM_" + parameter.name(), complete.getOrDefault(parameter.name(), ""));
      }
    }
    return all;
  }

  private Map<String, String> complete(Map<String, String> values) {
    var all = new TreeMap<String, String>();
    parameters().forEach(p -> all.put(p.name(), values.getOrDefault(p.name(), p.fallback())));
    return all;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  private static List<String> list(Object value) {
    return ((List<?>) value).stream().map(String::valueOf).toList();
  }
}
