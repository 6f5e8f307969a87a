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
/// mapping or a list may stand there. The builder methods answer a changed copy.
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

  private Shape() {}

  /// To be changed before anybody else sees it.
  private Shape copy() {
    Shape copy = new Shape();
    copy.kinds.addAll(kinds);
    copy.fields.putAll(fields);
    copy.keys = keys;
    copy.closed = closed;
    copy.required.addAll(required);
    copy.items = items;
    copy.unique = unique;
    copy.words = words;
    copy.text = text;
    copy.advice = advice;
    copy.low = low;
    copy.high = high;
    return copy;
  }

  public static Shape kinds(Kind... kinds) {
    Shape shape = new Shape();
    shape.kinds.addAll(List.of(kinds));
    return shape;
  }

  public static Shape list(Shape items) {
    Shape shape = kinds(Kind.LIST);
    shape.items = items;
    return shape;
  }

  /// A mapping of known fields and `x-` extensions.
  public static Shape object() {
    return kinds(Kind.MAPPING);
  }

  /// A mapping of the user's keys.
  static Shape map(String keyPattern, Shape value) {
    Shape shape = object();
    shape.keys = new Keys(Pattern.compile(keyPattern), value);
    return shape;
  }

  static Shape words(String... words) {
    Shape shape = STRING.copy();
    shape.words = List.of(words);
    return shape;
  }

  /// Text in which something matches.
  static Shape text(String pattern, String advice) {
    Shape shape = STRING.copy();
    shape.text = Pattern.compile(pattern);
    shape.advice = advice;
    return shape;
  }

  public Shape with(String field, Shape value) {
    Shape shape = copy();
    shape.fields.put(field, value);
    return shape;
  }

  public Shape with(Shape value, String... names) {
    Shape shape = copy();
    for (String name : names) {
      shape.fields.put(name, value);
    }
    return shape;
  }

  public Shape require(String... names) {
    Shape shape = copy();
    shape.required.addAll(List.of(names));
    return shape;
  }

  /// No two items are the same.
  Shape unique() {
    Shape shape = copy();
    shape.unique = true;
    return shape;
  }

  /// Any key.
  Shape open() {
    Shape shape = copy();
    shape.closed = false;
    return shape;
  }

  Shape between(long least, long most) {
    Shape shape = copy();
    shape.low = least;
    shape.high = most;
    return shape;
  }

  /// Either of the two, which have no kind in common.
  public Shape or(Shape other) {
    Shape shape = copy();
    shape.kinds.addAll(other.kinds);
    shape.fields.putAll(other.fields);
    shape.keys = shape.keys == null ? other.keys : shape.keys;
    shape.closed &= other.closed;
    shape.required.addAll(other.required);
    shape.items = shape.items == null ? other.items : shape.items;
    shape.unique |= other.unique;
    shape.words = shape.words.isEmpty() ? other.words : shape.words;
    shape.text = shape.text == null ? other.text : shape.text;
    shape.advice = shape.advice.isEmpty() ? other.advice : shape.advice;
    shape.low = Math.max(shape.low, other.low);
    shape.high = Math.min(shape.high, other.high);
    return shape;
  }

  public Set<Kind> kinds() {
    return Collections.unmodifiableSet(kinds);
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
