package io.armory.agent.compose.source;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;

/// Finds tabs where the reference takes none, though the parser does: in the indentation of a line,
/// of an empty one and of a comment too, and behind the dash of an item. Fed with all events of a
/// file. Indexes and columns count from 0, in code points.
final class TabCheck {
  /// @param to exclusive
  private record Range(int from, int to) {
    boolean holds(int index) {
      return from < index && index < to;
    }
  }

  /// @param least column that a line of its may begin at
  private record Plain(Range range, int least) {}

  private final int[] text;
  private final NavigableMap<Integer, Range> texts = new TreeMap<>();
  private final NavigableMap<Integer, Plain> plains = new TreeMap<>();

  /// The outermost ones.
  private final NavigableMap<Integer, Range> flows = new TreeMap<>();

  private final Deque<CollectionStartEvent> open = new ArrayDeque<>();

  TabCheck(String text) {
    this.text = text.indexOf('\t') < 0 ? new int[0] : text.codePoints().toArray();
  }

  void see(Event event) {
    if (text.length == 0) {
      return;
    }
    switch (event) {
      case ScalarEvent scalar -> {
        Range range = range(scalar, scalar);
        switch (scalar.getScalarStyle()) {
          case PLAIN -> plains.put(range.from, new Plain(range, indent() + 1));
          case LITERAL, FOLDED -> put(texts, indented(range));
          default -> put(texts, range);
        }
      }
      case CollectionStartEvent start -> open.push(start);
      default -> {
        boolean end =
            event.getEventId() == Event.ID.MappingEnd || event.getEventId() == Event.ID.SequenceEnd;
        if (end) {
          CollectionStartEvent start = open.pop();
          CollectionStartEvent around = open.peek();
          boolean inner = around != null && around.getFlowStyle() == FlowStyle.FLOW;
          if (start.getFlowStyle() == FlowStyle.FLOW && !inner) {
            put(flows, range(start, event));
          }
        }
      }
    }
  }

  /// A text in block style, from where its first line begins if that says how far it is indented.
  private Range indented(Range scalar) {
    int at = scalar.from;
    for (; at < scalar.to && text[at] != '\n' && text[at] != '#'; at++) {
      if (Character.isDigit(text[at])) {
        return scalar;
      }
    }
    while (at < scalar.to && text[at] != '\n') {
      at++;
    }
    while (at < scalar.to && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r')) {
      at++;
    }
    return new Range(at, scalar.to);
  }

  private static void put(NavigableMap<Integer, Range> ranges, Range range) {
    ranges.put(range.from, range);
  }

  private static boolean holds(NavigableMap<Integer, Range> ranges, int index) {
    Map.Entry<Integer, Range> before = ranges.floorEntry(index);
    return before != null && before.getValue().holds(index);
  }

  private static Range range(Event from, Event to) {
    return new Range(
        from.getStartMark().map(Mark::getIndex).orElse(0),
        to.getEndMark().map(Mark::getIndex).orElse(0));
  }

  /// The column of the innermost collection in block style.
  private int indent() {
    return open.stream()
        .filter(c -> c.getFlowStyle() != FlowStyle.FLOW)
        .findFirst()
        .flatMap(Event::getStartMark)
        .map(Mark::getColumn)
        .orElse(-1);
  }

  /// The first tab that is one too many.
  OptionalInt find() {
    int line = 0;
    boolean leading = true;
    boolean item = false;
    int written = 0;
    for (int i = 0; i < text.length; i++) {
      switch (text[i]) {
        case '\n' -> {
          line = i + 1;
          leading = true;
          item = false;
        }
        case '\t' -> {
          if (leading && (item ? behindDash(i) : indents(i, i - line, written))) {
            return OptionalInt.of(i);
          }
        }
        case ' ', '\r' -> {}
        case '-' -> {
          leading &= i + 1 < text.length && (text[i + 1] == ' ' || text[i + 1] == '\t');
          item = true;
          written = i + 1;
        }
        default -> {
          leading = false;
          written = i + 1;
        }
      }
    }
    return OptionalInt.empty();
  }

  private boolean behindDash(int index) {
    Map.Entry<Integer, Plain> plain = plains.floorEntry(index);
    boolean inPlain = plain != null && plain.getValue().range.holds(index);
    return !inPlain && !holds(texts, index) && !holds(flows, index);
  }

  /// @param written where the last character before that is no space ends
  private boolean indents(int index, int column, int written) {
    if (holds(texts, index)) {
      return false;
    }
    Map.Entry<Integer, Plain> before = plains.floorEntry(index);
    if (before != null) {
      Plain plain = before.getValue();
      if (plain.range.holds(index) || (plain.range.to <= index && written <= plain.range.to)) {
        return column < plain.least;
      }
    }
    return !holds(flows, index);
  }

  /// From 1, as [io.armory.agent.compose.source.Location] has them.
  io.armory.agent.compose.source.Location mark(String file, int index) {
    int line = 1;
    int start = 0;
    for (int i = 0; i < index; i++) {
      if (text[i] == '\n') {
        line++;
        start = i + 1;
      }
    }
    return new io.armory.agent.compose.source.Location(file, line, index - start + 1);
  }
}
