package io.armory.agent.adapter.docker.observe;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.domain.stack.Observation;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What was learned by inspecting containers, as far as the engine's cheap list proves it still
/// true. One list of 100 containers costs as much as ten inspections.
///
/// A container is taken as known when the list shows the same name, image, state and network
/// endpoints as at its inspection, and when its state is older than that inspection, by the list's
/// "Up 3 minutes" or "Exited (1) 3 minutes ago". So it was not started or ended since: a start
/// would be younger. Its health is read from the list. What no list shows, an `update` of its
/// restart policy by another program or an OOM of a child process, the engine tells as an event; an
/// event that was missed is made up for within some minutes.
final class InspectCache {
  private static final Duration TRUSTED = Duration.ofMinutes(4);
  private static final String UP = "Up ";
  private static final String EXITED = "Exited (";
  private static final String CODE_END = ") ";
  private static final String AGO = " ago";
  private static final Map<String, Observation.EngineHealth> HEALTH =
      Map.of(
          " (healthy)", Observation.EngineHealth.HEALTHY,
          " (unhealthy)", Observation.EngineHealth.UNHEALTHY,
          " (health: starting)", Observation.EngineHealth.STARTING);

  private InspectCache() {}

  /// @param at when the list was asked for that showed `shown`, by `System.nanoTime`
  record Known(Observation.Container container, String shown, long at) {}

  /// The container as inspected once and proved by `listed`, or `null`.
  static Observation.@Nullable Container proved(@Nullable Known known, JsonNode listed, long now) {
    if (known == null || !known.shown.equals(shown(listed))) {
      return null;
    }
    var age = Duration.ofNanos(now - known.at);
    // Spread, so that not all are inspected again in the same look.
    var trusted = TRUSTED.plusSeconds(Math.floorMod(known.container.id().hashCode(), 60));
    var status = listed.path("Status").asText("");
    if (age.compareTo(trusted) > 0 || atLeast(status).compareTo(age.plusSeconds(1)) <= 0) {
      return null;
    }
    return withHealth(known.container, health(status));
  }

  /// All of a list's entry that would change with the container, its age and health apart.
  static String shown(JsonNode listed) {
    var shown = new StringBuilder();
    for (var name : listed.path("Names")) {
      add(shown, name.asText());
    }
    add(shown, listed.path("ImageID").asText());
    add(shown, listed.path("State").asText());
    for (var network : listed.path("NetworkSettings").path("Networks").properties()) {
      var endpoint = network.getValue();
      add(shown, network.getKey());
      add(shown, endpoint.path("NetworkID").asText());
      add(shown, endpoint.path("EndpointID").asText());
      add(shown, endpoint.path("IPAddress").asText());
    }
    return shown.toString();
  }

  /// None of these has a line feed in it.
  private static void add(StringBuilder shown, String part) {
    shown.append(part).append('\n');
  }

  /// The least time the state can have lasted, by the words the engine has for it; zero for states
  /// that are not trusted. Read for every container at every look, hence without patterns.
  static Duration atLeast(String status) {
    var words = age(status);
    if (words.equals("About a minute")) {
      return Duration.ofMinutes(1);
    }
    if (words.equals("About an hour")) {
      return Duration.ofMinutes(30);
    }
    int space = words.indexOf(' ');
    long number = space < 0 ? -1 : number(words.substring(0, space));
    if (number < 0) {
      return Duration.ZERO;
    }
    return switch (words.substring(space + 1)) {
      case "second", "seconds" -> Duration.ofSeconds(number);
      case "minute", "minutes" -> Duration.ofMinutes(number);
      // Hours and more are rounded.
      case "hour", "hours", "day", "days", "week", "weeks", "month", "months", "year", "years" ->
          Duration.ofHours(1);
      default -> Duration.ZERO;
    };
  }

  /// The `3 minutes` of `Up 3 minutes (healthy)` and of `Exited (1) 3 minutes ago`; empty for
  /// anything else.
  private static String age(String status) {
    if (status.startsWith(UP)) {
      for (var health : HEALTH.keySet()) {
        if (status.endsWith(health)) {
          return status.substring(UP.length(), status.length() - health.length());
        }
      }
      return status.substring(UP.length());
    }
    int end = status.indexOf(CODE_END);
    var exited = status.startsWith(EXITED) && end > 0 && status.endsWith(AGO);
    return exited && number(status.substring(EXITED.length(), end)) >= 0
        ? status.substring(end + CODE_END.length(), status.length() - AGO.length())
        : "";
  }

  /// -1: it is none.
  private static long number(String digits) {
    if (digits.isEmpty() || digits.length() > 9) {
      return -1;
    }
    long number = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = 10 * number + digit;
    }
    return number;
  }

  /// The 1 of `Exited (1) 3 minutes ago`; 0 for anything else.
  static int exitCode(String status) {
    int end = status.indexOf(CODE_END);
    return status.startsWith(EXITED) && end > 0
        ? (int) Math.max(0, number(status.substring(EXITED.length(), end)))
        : 0;
  }

  static Observation.EngineHealth health(String status) {
    for (var word : HEALTH.entrySet()) {
      if (status.endsWith(word.getKey())) {
        return word.getValue();
      }
    }
    return Observation.EngineHealth.NONE;
  }

  private static Observation.Container withHealth(
      Observation.Container c, Observation.EngineHealth health) {
    // The list tells of health only while the container runs.
    if (c.engineHealth() == health || c.state() != Observation.State.RUNNING) {
      return c;
    }
    return new Observation.Container(
        c.id(),
        c.name(),
        c.service(),
        c.number(),
        c.configHash(),
        c.definitionHash(),
        c.imageId(),
        c.state(),
        c.exitCode(),
        c.oomKilled(),
        c.error(),
        c.createdAt(),
        c.startedAt(),
        c.finishedAt(),
        health,
        c.restartPolicy(),
        c.networkMode(),
        c.namespaces(),
        c.networks(),
        c.labels(),
        c.mounts());
  }
}
