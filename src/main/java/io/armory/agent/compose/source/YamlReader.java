package io.armory.agent.compose.source;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.common.SpecVersion;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlVersionException;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/// Bytes → the YAML documents in them, with bounds on size, depth and number of nodes so that no
/// file can cost more than a moment and a few megabytes.
public final class YamlReader {
  /// Bytes of one Compose file; the largest real ones are a hundredth of it.
  public static final int MOST_BYTES = 2 * 1024 * 1024;

  /// Nodes of one file, with every alias counted as often as it is used (newer Compose: the same).
  static final int MOST_NODES = 100_000;

  static final int MOST_DEPTH = 200;

  private static final int MOST_DOCUMENTS = 100;

  private static final Pattern TABBED = Pattern.compile(" *\t");

  private static final Pattern LONE_RETURN = Pattern.compile("\r(?!\n)");

  private final String file;
  private final Diagnostics findings;
  private final Map<String, Raw> anchors = new HashMap<>();
  private int nodes;

  /// Characters of the text, and whether its last line is one with content that does not end.
  private int length;

  private boolean unfinished;

  private YamlReader(String file, Diagnostics findings) {
    this.file = file;
    this.findings = findings;
  }

  /// The file's documents; what cannot be read is a problem and gives none.
  public static List<Raw> read(String file, byte[] bytes, Diagnostics findings) {
    String text = decode(bytes);
    if (text == null) {
      findings.problem(undecoded(file, bytes), Path.ROOT, "is not UTF-8 text", "save it as UTF-8");
      return List.of();
    }
    return new YamlReader(file, findings).documents(text);
  }

  /// Where the first bytes stand that are no text.
  private static Location undecoded(String file, byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length + 1);
    charset(bytes).newDecoder().onMalformedInput(CodingErrorAction.REPORT).decode(in, out, true);
    String before = out.flip().toString();
    int line = 1 + (int) before.chars().filter(c -> c == '\n').count();
    return new Location(file, line, before.length() - before.lastIndexOf('\n'));
  }

  private static @Nullable String decode(byte[] bytes) {
    try {
      String text =
          charset(bytes)
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(bytes))
              .toString();
      // To the reference a carriage return alone ends a line, to our parser it does not.
      String lines = LONE_RETURN.matcher(text).replaceAll("\n");
      return lines.startsWith("\uFEFF") ? lines.substring(1) : lines;
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /// As its first two bytes say.
  private static Charset charset(byte[] bytes) {
    int mark = bytes.length < 2 ? 0 : (bytes[0] & 0xff) << 8 | (bytes[1] & 0xff);
    return switch (mark) {
      case 0xfffe -> StandardCharsets.UTF_16LE;
      case 0xfeff -> StandardCharsets.UTF_16BE;
      default -> StandardCharsets.UTF_8;
    };
  }

  private List<Raw> documents(String written) {
    if (unprintable(written)) {
      return List.of();
    }
    String text;
    try {
      text = Dialect.translated(file, written);
    } catch (Refusal e) {
      findings.problem(e.mark(), Path.ROOT, e.message(), e.advice());
      return List.of();
    }
    // A buffer for the whole text: the parser copies a smaller one again and again.
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(file)
            .setCodePointLimit(MOST_BYTES + 1)
            .setBufferSize(Math.max(1024, text.length()))
            .build();
    length = text.codePointCount(0, text.length());
    unfinished = !text.isEmpty() && !text.substring(text.lastIndexOf('\n') + 1).isEmpty();
    List<Raw> documents = new ArrayList<>();
    try {
      TabCheck tabs = new TabCheck(text);
      ParserGaps gaps = new ParserGaps(file, text);
      Iterator<Event> events = seen(new Parse(settings).parseString(text).iterator(), tabs, gaps);
      while (events.hasNext()) {
        Event event = events.next();
        if (event instanceof DocumentStartEvent start) {
          version(start);
        } else if (event instanceof NodeEvent) {
          Location mark = event.getStartMark().map(this::mark).orElse(Location.of(file));
          if (documents.size() >= MOST_DOCUMENTS) {
            throw new Refusal(
                mark, "more than " + MOST_DOCUMENTS + " YAML documents", "merge them into one");
          }
          documents.add(node(event, events, 0));
        }
      }
      tabs.find()
          .ifPresent(index -> {
            throw new Refusal(
                tabs.mark(file, index), "a tab in the indentation", "indent with spaces, not tabs");
          });
      return documents;
    } catch (Refusal e) {
      findings.problem(e.mark(), Path.ROOT, e.message(), e.advice());
    } catch (MarkedYamlEngineException e) {
      Location mark = e.getProblemMark().map(this::mark).orElse(Location.of(file));
      findings.problem(
          mark, Path.ROOT, "not valid YAML: " + oneLine(e.getProblem()), hint(e, text));
    } catch (YamlVersionException e) {
      Refusal refusal = version(Location.of(file), e.getSpecVersion());
      findings.problem(refusal.mark(), Path.ROOT, refusal.message(), refusal.advice());
    } catch (YamlEngineException e) {
      findings.fileProblem(file, "not valid YAML: " + oneLine(e.getMessage()), "correct it");
    } catch (IllegalArgumentException e) {
      // The parser throws it for an escape that the end of the file cuts off.
      findings.fileProblem(file, "not valid YAML: an escape is not complete", "correct it");
    }
    return List.of();
  }

  /// Says the first character that no YAML file may hold.
  private boolean unprintable(String text) {
    int line = 1;
    int start = 0;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      if (c == '\n') {
        line++;
        start = i + 1;
      } else if (c == 0x7f || !StreamReader.isPrintable(c)) {
        findings.problem(
            new Location(file, line, text.codePointCount(start, i) + 1),
            Path.ROOT,
            "holds a character that is not text (U+%04X)".formatted(c),
            "remove it");
        return true;
      }
    }
    return false;
  }

  private static Iterator<Event> seen(Iterator<Event> events, TabCheck tabs, ParserGaps gaps) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return events.hasNext();
      }

      @Override
      public Event next() {
        Event event = events.next();
        tabs.see(event);
        gaps.see(event);
        return event;
      }
    };
  }

  /// Compose files are read by YAML 1.1's name, whatever their dialect.
  private void version(DocumentStartEvent start) {
    start
        .getSpecVersion()
        .filter(v -> v.getMajor() != 1 || v.getMinor() != 1)
        .ifPresent(v -> {
          throw version(start.getStartMark().map(this::mark).orElse(Location.of(file)), v);
        });
  }

  private static Refusal version(Location mark, SpecVersion version) {
    return new Refusal(
        mark,
        "%YAML " + version.getRepresentation() + " is not accepted by Compose",
        "remove the line with %YAML");
  }

  private static String oneLine(@Nullable String problem) {
    return problem == null
        ? "cannot be parsed"
        : Dialect.restored(problem.lines().findFirst().orElse(""));
  }

  private static String hint(MarkedYamlEngineException e, String text) {
    String problem = String.valueOf(e.getProblem());
    boolean tab =
        e.getProblemMark().stream()
            .flatMap(m -> text.lines().skip(Math.max(0, m.getLine() - 1L)).limit(2))
            .anyMatch(line -> TABBED.matcher(line).lookingAt());
    return tab || problem.contains("\\t") || problem.contains("TAB")
        ? "indent with spaces, not tabs"
        : "check the indentation and the quotes at and above this line";
  }

  private Raw node(Event event, Iterator<Event> events, int depth) {
    Location mark = event.getStartMark().map(this::mark).orElse(Location.of(file));
    if (depth > MOST_DEPTH) {
      throw new Refusal(
          mark, "nested deeper than " + MOST_DEPTH + " levels", "no Compose file needs that");
    }
    if (++nodes > MOST_NODES) {
      throw new Refusal(
          mark, "holds more than " + MOST_NODES + " YAML nodes", "split it into several projects");
    }
    return switch (event) {
      case AliasEvent alias -> alias(alias, mark);
      case ScalarEvent scalar -> anchored(scalar.getAnchor(), text(scalar, mark));
      case SequenceStartEvent start -> items(start, mark, events, depth);
      case MappingStartEvent start -> pairs(start, mark, events, depth);
      default -> throw new IllegalStateException("unexpected YAML event " + event.getEventId());
    };
  }

  private Raw alias(AliasEvent alias, Location mark) {
    String name = alias.getAlias().getValue();
    Raw target = anchors.get(name);
    if (target == null) {
      throw new Refusal(
          mark, "unknown anchor '" + name + "' referenced", "define it above with &" + name);
    }
    return new Raw.Alias(mark, target);
  }

  private Raw text(ScalarEvent scalar, Location mark) {
    return new Raw.Text(
        mark,
        scalar.getTag().orElse(null),
        value(scalar),
        scalar.getScalarStyle() == ScalarStyle.PLAIN);
  }

  /// A file's last line that does not end has no line break, in a block scalar neither; the parser
  /// adds one.
  private String value(ScalarEvent scalar) {
    String value = Dialect.restored(scalar.getValue());
    boolean block =
        scalar.getScalarStyle() == ScalarStyle.LITERAL
            || scalar.getScalarStyle() == ScalarStyle.FOLDED;
    boolean last = scalar.getEndMark().filter(end -> end.getIndex() >= length).isPresent();
    return block && last && unfinished && value.endsWith("\n")
        ? value.substring(0, value.length() - 1)
        : value;
  }

  private Raw items(SequenceStartEvent start, Location mark, Iterator<Event> events, int depth) {
    List<Raw> items = new ArrayList<>();
    Raw raw = anchored(start.getAnchor(), new Raw.Items(mark, start.getTag().orElse(null), items));
    for (Event e = events.next(); e instanceof NodeEvent; e = events.next()) {
      items.add(node(e, events, depth + 1));
    }
    return raw;
  }

  private Raw pairs(MappingStartEvent start, Location mark, Iterator<Event> events, int depth) {
    List<Raw.Pair> pairs = new ArrayList<>();
    Raw raw = anchored(start.getAnchor(), new Raw.Pairs(mark, start.getTag().orElse(null), pairs));
    for (Event e = events.next(); e instanceof NodeEvent; e = events.next()) {
      Raw key = node(e, events, depth + 1);
      pairs.add(new Raw.Pair(key, node(events.next(), events, depth + 1)));
    }
    return raw;
  }

  private Raw anchored(Optional<org.snakeyaml.engine.v2.common.Anchor> anchor, Raw raw) {
    anchor.ifPresent(a -> anchors.put(a.getValue(), raw));
    return raw;
  }

  private Location mark(org.snakeyaml.engine.v2.exceptions.Mark mark) {
    return new Location(file, mark.getLine() + 1, mark.getColumn() + 1);
  }
}
