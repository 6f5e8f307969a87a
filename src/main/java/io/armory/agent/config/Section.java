package io.armory.agent.config;

import io.armory.agent.config.AgentConfig.Located;
import io.armory.agent.config.AgentConfig.Setting;
import io.armory.agent.domain.Characters;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.Suggestion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/// A mapping of `agent.yaml` being read. It notes every problem and goes on, notes every value in
/// force with its origin, and in the end knows which keys nobody asked for.
final class Section {
  private final String path;
  private final Notes notes;
  private final Map<String, NodeTuple> entries = new LinkedHashMap<>();
  private final List<String> asked = new ArrayList<>();
  private final List<Section> inner = new ArrayList<>();

  /// What reading left behind, shared by all sections of a file.
  record Notes(String file, List<Problem> problems, List<Setting> settings) {
    String at(Node node) {
      return file + node.getStartMark().map(m -> ":" + (m.getLine() + 1)).orElse("");
    }

    void problem(Node node, String what, String todo) {
      if (problems.size() < Problem.MOST) {
        problems.add(new Problem(at(node), what, todo));
      }
    }
  }

  Section(String path, Optional<Node> node, Notes notes) {
    this.path = path;
    this.notes = notes;
    node.ifPresent(this::enter);
  }

  private void enter(Node node) {
    switch (node) {
      case MappingNode mapping -> mapping.getValue().forEach(this::enter);
      case ScalarNode scalar when isNull(scalar) -> {}
      case Node other ->
          notes.problem(
              other, named(path) + " is " + sort(other) + ", not a mapping", "write KEY: VALUE");
    }
  }

  private void enter(NodeTuple tuple) {
    if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
      notes.problem(tuple.getKeyNode(), "a key must be plain text", "");
    } else if (entries.putIfAbsent(key.getValue(), tuple) != null) {
      notes.problem(key, "key " + full(key.getValue()) + " is there twice", "remove one");
    }
  }

  Section section(String name) {
    asked.add(name);
    var section = new Section(full(name), Optional.ofNullable(node(name)), notes);
    inner.add(section);
    return section;
  }

  boolean isMapping(String name) {
    return node(name) instanceof MappingNode;
  }

  /// The one key of a mapping, which has to be there.
  <T> T within(String name, String key, Kind<T> kind, T fallback) {
    var section = section(name);
    var node = node(name);
    if (node != null && section.node(key) == null) {
      notes.problem(node, full(name) + " has no " + key, "write " + key + ": " + kind.words());
    }
    return section.value(key, kind, fallback);
  }

  <T> T value(String name, Kind<T> kind, T fallback) {
    return value(name, kind, fallback, "default");
  }

  <T> T value(String name, Kind<T> kind, T fallback, String fallbackOrigin) {
    var found = find(name, kind);
    var value = found.map(Found::value).orElse(fallback);
    var origin = found.map(Found::origin).orElse(fallbackOrigin);
    notes.settings().add(new Setting(full(name), kind.show().apply(value), origin));
    return value;
  }

  /// A value that has no default.
  Optional<Located> optional(String name, Kind<String> kind) {
    var found = find(name, kind).map(f -> new Located(f.value(), f.origin()));
    found.ifPresent(l -> notes.settings().add(new Setting(full(name), l.value(), l.origin())));
    return found;
  }

  private record Found<T>(T value, String origin) {}

  private <T> Optional<Found<T>> find(String name, Kind<T> kind) {
    asked.add(name);
    return Optional.ofNullable(node(name)).flatMap(n -> parse(full(name), n, kind));
  }

  private <T> Optional<Found<T>> parse(String key, Node node, Kind<T> kind) {
    if (!(node instanceof ScalarNode scalar)) {
      notes.problem(node, key + " is " + sort(node), "write " + kind.words());
      return Optional.empty();
    }
    if (isNull(scalar)) {
      return Optional.empty();
    }
    if (scalar.getValue().length() > Characters.MOST_OF_A_VALUE) {
      notes.problem(
          node, key + " is longer than " + Characters.MOST_OF_A_VALUE + " characters", "");
      return Optional.empty();
    }
    var value = kind.parse().apply(scalar.getValue());
    if (value.isEmpty()) {
      notes.problem(
          node,
          key + ": \"" + shortened(scalar) + "\" is not " + kind.words(),
          Problem.shortened(kind.mistake().apply(scalar.getValue()), 250));
    }
    return value.map(v -> new Found<>(v, notes.at(node)));
  }

  List<String> list(String name, Kind<String> kind) {
    return list(name, kind, List.of());
  }

  /// @param fallback where the key is not there
  <T> List<T> list(String name, Kind<T> kind, List<T> fallback) {
    asked.add(name);
    var values = new ArrayList<T>();
    var node = node(name);
    switch (node) {
      case null -> values.addAll(fallback);
      case SequenceNode sequence ->
          sequence
              .getValue()
              .forEach(n -> parse(full(name), n, kind).ifPresent(f -> values.add(f.value())));
      case ScalarNode scalar when isNull(scalar) -> {}
      case Node other ->
          notes.problem(
              other, full(name) + " is " + sort(other), "write a list of " + kind.words());
    }
    var origin = node == null || values.isEmpty() ? "default" : notes.at(node);
    var shown = values.stream().map(kind.show()).toList();
    notes.settings().add(new Setting(full(name), shown.toString(), origin));
    return values;
  }

  /// A mapping whose keys are free.
  Map<String, Located> map(String name, Kind<String> kind) {
    asked.add(name);
    var free = new Section(full(name), Optional.ofNullable(node(name)), notes);
    var values = new LinkedHashMap<String, Located>();
    for (var key : free.entries.keySet()) {
      free.optional(key, kind).ifPresent(v -> values.put(key, v));
    }
    return values;
  }

  /// Every key nobody asked for is an error: a mistyped key must not be a silent default.
  void rejectUnknown() {
    entries.forEach((name, tuple) -> {
      if (!asked.contains(name)) {
        var todo =
            Suggestion.of(name, asked)
                .map(s -> "did you mean " + s + "?")
                .orElse("known here: " + String.join(", ", asked));
        notes.problem(tuple.getKeyNode(), "unknown key " + full(name), todo);
      }
    });
    inner.forEach(Section::rejectUnknown);
  }

  private @org.jspecify.annotations.Nullable Node node(String name) {
    var tuple = entries.get(name);
    return tuple == null ? null : tuple.getValueNode();
  }

  private String full(String name) {
    var shown = Problem.shortened(name, 200);
    return path.isEmpty() ? shown : path + "." + shown;
  }

  private static String named(String path) {
    return path.isEmpty() ? "the file" : path;
  }

  private static boolean isNull(ScalarNode scalar) {
    return scalar.getTag().equals(Tag.NULL);
  }

  private static String sort(Node node) {
    return switch (node) {
      case MappingNode _ -> "a mapping";
      case SequenceNode _ -> "a list";
      case Node _ -> "a single value";
    };
  }

  private static String shortened(ScalarNode scalar) {
    var text = scalar.getValue().replaceAll("\\p{Cntrl}", " ");
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }
}
