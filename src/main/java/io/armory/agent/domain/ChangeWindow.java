package io.armory.agent.domain;

import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Hours of the week in which changes begin by themselves: `Mon-Fr 09:00-12:00, 13:00-16:00
/// Europe/Berlin`. Ranges without days have those before them; a range that ends before it begins
/// goes over midnight and is of the day on which it begins. Without a zone it is UTC.
///
/// Clock changes of the zone are its own: hours that are left out do not exist, those that come
/// twice are both in a range that has them.
///
/// @param text as it was written
public record ChangeWindow(String text, List<Hours> hours, ZoneId zone) {
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("EEE HH:mm", Locale.ENGLISH);
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE d MMM HH:mm", Locale.ENGLISH);
  private static final Pattern RANGE =
      Pattern.compile("(?:(\\S+) +)?(\\d{1,2}):(\\d{2})-(\\d{1,2}):(\\d{2})");

  /// A range may be left out by a clock change, and the next is a week later.
  private static final int DAYS = 15;

  private static final Duration MINUTE = Duration.ofMinutes(1);

  public ChangeWindow {
    hours = List.copyOf(hours);
  }

  /// @param from minutes of the day
  /// @param to minutes from the beginning of the same day; more than a day's: it ends on the next
  record Hours(Set<DayOfWeek> days, int from, int to) {
    Hours {
      days = Set.copyOf(days);
    }
  }

  private record Span(Instant from, Instant to) {}

  /// What is wrong with a text, in words.
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    Malformed(String what) {
      super(what);
    }
  }

  /// Empty: [#mistake] says why it is none.
  public static Optional<ChangeWindow> parse(String text) {
    try {
      return Optional.of(read(text));
    } catch (Malformed e) {
      return Optional.empty();
    }
  }

  /// What is wrong with a text that is no window.
  public static String mistake(String text) {
    try {
      var _ = read(text);
      return "";
    } catch (Malformed e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static ChangeWindow read(String text) throws Malformed {
    var words = text.strip().replaceAll("\\s*,\\s*", ",").replaceAll("\\s*-\\s*", "-");
    var last = words.substring(words.lastIndexOf(' ') + 1);
    var isZone = !last.contains(":") || last.matches("(?:UTC|GMT)?[+-]\\d\\d?(?::?\\d\\d)?");
    var ranges = isZone ? words.substring(0, words.length() - last.length()).strip() : words;
    var hours = new ArrayList<Hours>();
    var days = EnumSet.allOf(DayOfWeek.class);
    var named = EnumSet.noneOf(DayOfWeek.class);
    for (var part : ranges.split(",", -1)) {
      if (!part.contains(":") && !part.isEmpty()) {
        named.addAll(days(part));
        continue;
      }
      var found = RANGE.matcher(part);
      if (!found.matches()) {
        throw new Malformed("\"" + part + "\" is not a range such as Mon-Fri 09:00-16:00");
      }
      if (found.group(1) != null) {
        named.addAll(days(found.group(1)));
      }
      days = named.isEmpty() ? days : EnumSet.copyOf(named);
      named.clear();
      var from = minutes(found.group(2), found.group(3));
      var to = minutes(found.group(4), found.group(5));
      if (from == to || from == 24 * 60) {
        throw new Malformed("\"" + part + "\" has no time in it; a whole day is 00:00-24:00");
      }
      hours.add(new Hours(days, from, to > from ? to : to + 24 * 60));
    }
    if (!named.isEmpty()) {
      throw new Malformed("days without times; a whole day is 00:00-24:00");
    }
    return new ChangeWindow(
        isZone ? text.strip() : text.strip() + " UTC", hours, isZone ? zone(last) : zone("UTC"));
  }

  private static ZoneId zone(String name) throws Malformed {
    try {
      return ZoneId.of(name);
    } catch (DateTimeException e) {
      var meant = Suggestion.of(name, ZoneId.getAvailableZoneIds());
      throw new Malformed(
          "no time zone %s; %s"
              .formatted(
                  name,
                  meant
                      .map(m -> "did you mean " + m + "?")
                      .orElse("write one such as Europe/Berlin or UTC")));
    }
  }

  /// `Mon`, or `Mon-Fri`; `Fri-Mon` is four days.
  private static Set<DayOfWeek> days(String text) throws Malformed {
    var ends = text.split("-", -1);
    if (ends.length > 2 || text.contains(" ")) {
      throw new Malformed("\"" + text + "\" is not a range such as Mon-Fri 09:00-16:00");
    }
    var first = day(ends[0]);
    var last = day(ends[ends.length - 1]);
    var days = EnumSet.of(first);
    for (var day = first; day != last; day = day.plus(1)) {
      days.add(day.plus(1));
    }
    return days;
  }

  private static DayOfWeek day(String name) throws Malformed {
    for (var day : DayOfWeek.values()) {
      if (name.length() >= 2 && day.name().startsWith(name.toUpperCase(Locale.ROOT))) {
        return day;
      }
    }
    throw new Malformed("\"" + name + "\" is not a day such as Mon or Monday");
  }

  private static int minutes(String hours, String minutes) throws Malformed {
    var all = Integer.parseInt(hours) * 60 + Integer.parseInt(minutes);
    if (Integer.parseInt(minutes) > 59 || all > 24 * 60) {
      throw new Malformed("%s:%s is not a time of the day".formatted(hours, minutes));
    }
    return all;
  }

  public boolean isOpen(Instant now) {
    return spans(now).stream().anyMatch(s -> !now.isBefore(s.from()) && now.isBefore(s.to()));
  }

  /// When it opens next, while it is closed; empty: not in the next two weeks.
  public Optional<Instant> opens(Instant now) {
    return spans(now).stream()
        .map(Span::from)
        .filter(from -> from.isAfter(now))
        .min(Instant::compareTo);
  }

  /// An instant as its users write it: `Mon 09:00 Europe/Berlin`.
  public String shown(Instant at, Instant now) {
    var isNear = at.isBefore(now.plus(Duration.ofDays(6)));
    return (isNear ? DAY : DATE).format(at.atZone(zone)) + " " + zone;
  }

  private List<Span> spans(Instant now) {
    var spans = new ArrayList<Span>();
    var today = now.atZone(zone).toLocalDate();
    for (var date = today.minusDays(1);
        date.isBefore(today.plusDays(DAYS));
        date = date.plusDays(1)) {
      for (var one : hours) {
        if (one.days().contains(date.getDayOfWeek())) {
          var span = new Span(instant(date, one.from(), false), instant(date, one.to(), true));
          if (span.from().isBefore(span.to())) {
            spans.add(span);
          }
        }
      }
    }
    return spans;
  }

  /// A time that is left out is that of the clock change; of one that comes twice, a range begins
  /// with the first and ends with the last.
  private Instant instant(LocalDate date, int minutes, boolean last) {
    var time =
        LocalDateTime.of(
            date.plusDays(minutes / (24 * 60)),
            LocalTime.MIN.plus(MINUTE.multipliedBy(minutes % (24 * 60))));
    var change = zone.getRules().getTransition(time);
    if (change != null && change.isGap()) {
      return change.getInstant();
    }
    var at = time.atZone(zone);
    return (last ? at.withLaterOffsetAtOverlap() : at.withEarlierOffsetAtOverlap()).toInstant();
  }

  @Override
  public String toString() {
    return text;
  }
}
