package io.armory.agent.compose;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// Whether a YAML file that is not a Compose file can be read: by its grammar alone, and without a
/// key twice in a mapping, as Spring reads it.
public final class YamlSyntax {
  private static final int MOST = 16 * 1024 * 1024;

  /// The mappings and sequences that are open, the innermost first.
  private final Deque<Open> open = new ArrayDeque<>();

  private final Set<String> anchors = new HashSet<>();

  private YamlSyntax() {}

  /// @param line from 1; 0: not known
  public record Fault(int line, String what) {}

  /// A mapping or a sequence, and the keys that the mapping has.
  private static final class Open {
    private final boolean mapping;
    private final Set<String> keys = new HashSet<>();
    private boolean atKey = true;

    Open(boolean mapping) {
      this.mapping = mapping;
    }
  }

  /// The first thing that is wrong; empty: nothing is.
  public static Optional<Fault> fault(byte[] bytes) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return Optional.of(new Fault(0, "is not UTF-8 text"));
    }
    var settings = LoadSettings.builder().setCodePointLimit(MOST).build();
    var syntax = new YamlSyntax();
    try {
      for (var event :
          new Parse(settings).parseString(text.startsWith("\uFEFF") ? text.substring(1) : text)) {
        var twice = syntax.seen(event);
        if (twice.isPresent()) {
          return twice;
        }
      }
      return Optional.empty();
    } catch (MarkedYamlEngineException e) {
      var line = e.getProblemMark().map(m -> m.getLine() + 1).orElse(0);
      return Optional.of(
          new Fault(line, "not valid YAML: " + oneLine(String.valueOf(e.getProblem()))));
    } catch (YamlEngineException e) {
      return Optional.of(
          new Fault(0, "not valid YAML: " + oneLine(String.valueOf(e.getMessage()))));
    } catch (IllegalArgumentException e) {
      return Optional.of(new Fault(0, "not valid YAML: an escape is not complete"));
    }
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s+", " ").replace("\t", "tab");
  }

  private static int line(Event event) {
    return event.getStartMark().map(m -> m.getLine() + 1).orElse(0);
  }

  private Optional<Fault> seen(Event event) {
    if (event instanceof NodeEvent node && !(event instanceof AliasEvent)) {
      node.getAnchor().ifPresent(a -> anchors.add(a.getValue()));
    }
    switch (event) {
      case ScalarEvent scalar -> {
        var around = open.peek();
        var isKey = around != null && around.mapping && around.atKey;
        if (isKey && !scalar.getValue().equals("<<") && !around.keys.add(scalar.getValue())) {
          return Optional.of(
              new Fault(line(event), "key '" + scalar.getValue() + "' is there twice"));
        }
        after();
      }
      case AliasEvent alias -> {
        if (!anchors.contains(alias.getAlias().getValue())) {
          return Optional.of(
              new Fault(
                  line(event), "not valid YAML: alias *" + alias.getAlias() + " names nothing"));
        }
        after();
      }
      case DocumentStartEvent _ -> anchors.clear();
      case MappingStartEvent _ -> open.push(new Open(true));
      case SequenceStartEvent _ -> open.push(new Open(false));
      case CollectionEndEvent _ -> {
        open.pop();
        after();
      }
      default -> {}
    }
    return Optional.empty();
  }

  /// A node is complete: in a mapping, a key and a value take turns.
  private void after() {
    var around = open.peek();
    if (around != null) {
      around.atKey = !around.atKey;
    }
  }
}
