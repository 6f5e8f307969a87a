package io.armory.agent.adapter.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.domain.Observation;
import java.time.Duration;
import java.util.regex.Pattern;
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
final class KnownContainers {
  private static final Duration TRUSTED = Duration.ofMinutes(4);
  private static final Pattern AGE = Pattern.compile("^(?:Up|Exited \\(\\d+\\)) (.*?)(?: ago)?$");
  private static final Pattern COUNT = Pattern.compile("^(\\d+) (second|minute|hour|day|week)s?$");

  private KnownContainers() {}

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
    shown.append(listed.path("Names")).append(listed.path("ImageID")).append(listed.path("State"));
    for (var network : listed.path("NetworkSettings").path("Networks").properties()) {
      var endpoint = network.getValue();
      shown
          .append(network.getKey())
          .append(endpoint.path("NetworkID"))
          .append(endpoint.path("EndpointID"))
          .append(endpoint.path("IPAddress"));
    }
    return shown.toString();
  }

  /// The least time the state can have lasted, by the words the engine has for it; zero for states
  /// that are not trusted.
  static Duration atLeast(String status) {
    var age =
        AGE.matcher(status.replaceFirst(" \\((?:healthy|unhealthy|health: starting)\\)$", ""));
    if (!age.matches()) {
      return Duration.ZERO;
    }
    var words = age.group(1);
    var count = COUNT.matcher(words);
    if (!count.matches()) {
      return switch (words) {
        case "About a minute" -> Duration.ofMinutes(1);
        case "About an hour" -> Duration.ofMinutes(30);
        default -> Duration.ZERO;
      };
    }
    long number = Long.parseLong(count.group(1));
    return switch (count.group(2)) {
      case "second" -> Duration.ofSeconds(number);
      case "minute" -> Duration.ofMinutes(number);
      // Hours and more are rounded.
      default -> Duration.ofHours(1);
    };
  }

  private static Observation.EngineHealth health(String status) {
    if (status.endsWith("(healthy)")) {
      return Observation.EngineHealth.HEALTHY;
    }
    if (status.endsWith("(unhealthy)")) {
      return Observation.EngineHealth.UNHEALTHY;
    }
    return status.endsWith("(health: starting)")
        ? Observation.EngineHealth.STARTING
        : Observation.EngineHealth.NONE;
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
        c.labels());
  }
}
