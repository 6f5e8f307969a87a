package io.armory.agent.compose.schema;

import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What may stand at a place of a Compose file: kinds of scalars, and the fields or items if a
/// mapping or a list may stand there. Immutable; the builder methods answer a changed copy.
public final class Shape {
  public enum Kind {
    NULL("nothing"),
    STRING("a string"),
    INTEGER("an integer"),
    NUMBER("a number"),
    BOOLEAN("true or false"),
    LIST("a list"),
    MAPPING("a mapping");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    String words() {
      return words;
    }
  }

  /// Keys of the user's choice.
  ///
  /// @param pattern the whole key
  record Keys(Pattern pattern, Shape value) {}

  public static final Shape STRING = kinds(Kind.STRING);
  static final Shape STRINGS = list(STRING).unique();

  private final Set<Kind> kinds;
  private final Map<String, Shape> fields;
  private final @Nullable Keys keys;
  private final boolean closed;
  private final Set<String> required;
  private final @Nullable Shape items;
  private final boolean unique;
  private final List<String> words;
  private final @Nullable Pattern text;
  private final String advice;
  private final long low;
  private final long high;

  private Shape(Builder b) {
    kinds = Collections.unmodifiableSet(b.kinds);
    fields = Collections.unmodifiableMap(b.fields);
    keys = b.keys;
    closed = b.closed;
    required = Collections.unmodifiableSet(b.required);
    items = b.items;
    unique = b.unique;
    words = b.words;
    text = b.text;
    advice = b.advice;
    low = b.low;
    high = b.high;
  }

  private static final class Builder {
    private final Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    private final Map<String, Shape> fields = new LinkedHashMap<>();
    private @Nullable Keys keys;
    private boolean closed = true;
    private final Set<String> required = new LinkedHashSet<>();
    private @Nullable Shape items;
    private boolean unique;
    private List<String> words = List.of();
    private @Nullable Pattern text;
    private String advice = "";
    private long low = Long.MIN_VALUE;
    private long high = Long.MAX_VALUE;

    private Builder from(Shape shape) {
      kinds.addAll(shape.kinds);
      fields.putAll(shape.fields);
      keys = shape.keys;
      closed = shape.closed;
      required.addAll(shape.required);
      items = shape.items;
      unique = shape.unique;
      words = shape.words;
      text = shape.text;
      advice = shape.advice;
      low = shape.low;
      high = shape.high;
      return this;
    }
  }

  private Builder change() {
    return new Builder().from(this);
  }

  public static Shape kinds(Kind... kinds) {
    Builder b = new Builder();
    b.kinds.addAll(List.of(kinds));
    return new Shape(b);
  }

  public static Shape list(Shape items) {
    Builder b = kinds(Kind.LIST).change();
    b.items = items;
    return new Shape(b);
  }

  /// A mapping of known fields and `x-` extensions.
  public static Shape object() {
    return kinds(Kind.MAPPING);
  }

  /// A mapping of the user's keys.
  static Shape map(String keyPattern, Shape value) {
    Builder b = object().change();
    b.keys = new Keys(Pattern.compile(keyPattern), value);
    return new Shape(b);
  }

  static Shape words(String... words) {
    Builder b = STRING.change();
    b.words = List.of(words);
    return new Shape(b);
  }

  /// Text in which something matches.
  static Shape text(String pattern, String advice) {
    Builder b = STRING.change();
    b.text = Pattern.compile(pattern);
    b.advice = advice;
    return new Shape(b);
  }

  public Shape with(String field, Shape shape) {
    Builder b = change();
    b.fields.put(field, shape);
    return new Shape(b);
  }

  public Shape with(Shape shape, String... names) {
    Builder b = change();
    for (String name : names) {
      b.fields.put(name, shape);
    }
    return new Shape(b);
  }

  public Shape require(String... names) {
    Builder b = change();
    b.required.addAll(List.of(names));
    return new Shape(b);
  }

  /// No two items are the same.
  Shape unique() {
    Builder b = change();
    b.unique = true;
    return new Shape(b);
  }

  /// Any key.
  Shape open() {
    Builder b = change();
    b.closed = false;
    return new Shape(b);
  }

  Shape between(long least, long most) {
    Builder b = change();
    b.low = least;
    b.high = most;
    return new Shape(b);
  }

  /// Either of the two, which have no kind in common.
  public Shape or(Shape other) {
    Builder b = change();
    b.kinds.addAll(other.kinds);
    b.fields.putAll(other.fields);
    b.keys = b.keys == null ? other.keys : b.keys;
    b.closed &= other.closed;
    b.required.addAll(other.required);
    b.items = b.items == null ? other.items : b.items;
    b.unique |= other.unique;
    b.words = b.words.isEmpty() ? other.words : b.words;
    b.text = b.text == null ? other.text : b.text;
    b.advice = b.advice.isEmpty() ? other.advice : b.advice;
    b.low = Math.max(b.low, other.low);
    b.high = Math.min(b.high, other.high);
    return new Shape(b);
  }

  public Set<Kind> kinds() {
    return kinds;
  }

  Map<String, Shape> fields() {
    return fields;
  }

  @Nullable Keys keys() {
    return keys;
  }

  boolean closed() {
    return closed;
  }

  Set<String> required() {
    return required;
  }

  @Nullable Shape items() {
    return items;
  }

  boolean isUnique() {
    return unique;
  }

  List<String> words() {
    return words;
  }

  boolean matches(String said) {
    return text == null || text.matcher(said).find();
  }

  String advice() {
    return advice;
  }

  boolean contains(Number number) {
    if (number instanceof Long whole) {
      return low <= whole && whole <= high;
    }
    double value = number.doubleValue();
    return (low == Long.MIN_VALUE || low <= value) && (high == Long.MAX_VALUE || value <= high);
  }

  String bounds() {
    return "from " + low + " to " + (high == Long.MAX_VALUE ? "any" : "" + high);
  }
}
