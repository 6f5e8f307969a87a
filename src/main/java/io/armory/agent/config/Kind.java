package io.armory.agent.config;

import io.armory.agent.domain.Alert;
import io.armory.agent.domain.Approval;
import io.armory.agent.domain.ChangeWindow;
import io.armory.agent.domain.MaxUnavailable;
import io.armory.agent.domain.Suggestion;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/// How one sort of value is written.
///
/// @param words what is expected, for people: "a duration such as 30s or 10m"
/// @param parse empty when the text is not of this kind
/// @param show the value as it would be written
/// @param mistake what is wrong with a text that is none, and what to do; empty: the words say it
record Kind<T>(
    String words,
    Function<String, Optional<T>> parse,
    Function<T, String> show,
    Function<String, String> mistake) {

  Kind(String words, Function<String, Optional<T>> parse, Function<T, String> show) {
    this(words, parse, show, _ -> "");
  }

  static final Kind<Approval> APPROVAL =
      new Kind<>(
          "auto, manual or {window: \"Mon-Fri 09:00-16:00 Europe/Berlin\"}",
          text ->
              switch (text) {
                case "auto" -> Optional.of(Approval.AUTO);
                case "manual" -> Optional.of(Approval.MANUAL);
                default -> Optional.empty();
              },
          Approval::toString);

  static final Kind<Approval> WINDOW =
      new Kind<>(
          "days, times and a time zone such as \"Mon-Fri 09:00-16:00 Europe/Berlin\"",
          text -> ChangeWindow.parse(text).map(Approval.Window::new),
          Approval::toString,
          ChangeWindow::mistake);

  static final Kind<Duration> DURATION =
      new Kind<>("a duration such as 30s, 10m or 1h30m", Durations::parse, Durations::show);

  static final Kind<MaxUnavailable> MAX_UNAVAILABLE =
      new Kind<>(
          "a number of nodes such as 1, or a share of them such as 10%",
          MaxUnavailable::parse, MaxUnavailable::toString);

  static final Kind<Alert.Condition> CONDITION = oneOf(Alert.Condition.class);

  static final Kind<Boolean> FLAG =
      new Kind<>(
          "true or false",
          text ->
              switch (text) {
                case "true", "yes", "on" -> Optional.of(true);
                case "false", "no", "off" -> Optional.of(false);
                default -> Optional.empty();
              },
          String::valueOf);

  /// As it stands: who uses it reads it.
  static final Kind<String> FILE = text("an absolute path", t -> t.startsWith("/"));

  static final Kind<Path> ABSOLUTE_PATH =
      new Kind<>(
          "an absolute path",
          text -> text.startsWith("/") ? Optional.of(Path.of(text)) : Optional.empty(),
          Path::toString);

  /// Addresses only, never a name: binding must not wait for DNS.
  static final Kind<String> IP_ADDRESS =
      text(
          "an IP address", t -> t.matches("[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*") && isLiteral(t));

  static Kind<String> text(String words, Predicate<String> valid) {
    return new Kind<>(
        words, t -> valid.test(t) ? Optional.of(t) : Optional.empty(), Function.identity());
  }

  static Kind<Integer> number(int from, int to) {
    return new Kind<>(
        "a whole number from " + from + " to " + to,
        text ->
            text.matches("\\d{1,9}")
                ? Optional.of(Integer.parseInt(text)).filter(n -> n >= from && n <= to)
                : Optional.empty(),
        String::valueOf);
  }

  /// One of an enum's constants, written in lower case.
  static <E extends Enum<E>> Kind<E> oneOf(Class<E> type) {
    var constants = type.getEnumConstants();
    var names = new java.util.ArrayList<String>();
    for (var constant : constants) {
      names.add(lower(constant));
    }
    return new Kind<>(
        "one of " + String.join(", ", names),
        text -> {
          var index = names.indexOf(text);
          return index < 0 ? Optional.empty() : Optional.of(constants[index]);
        },
        Kind::lower,
        text -> Suggestion.of(text, names).map(near -> "did you mean " + near + "?").orElse(""));
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }

  private static boolean isLiteral(String text) {
    try {
      return (text.contains(":") || text.split("\\.", -1).length == 4)
          && InetAddress.ofLiteral(text) != null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
