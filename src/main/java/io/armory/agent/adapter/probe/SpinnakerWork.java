package io.armory.agent.adapter.probe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.Workload;
import java.io.IOException;
import java.time.Duration;

/// Asks Orca and Rosco over HTTP, as an operator would with curl. Their administrative paths may
/// want to know who asks: the header `X-Spinnaker-User`.
public final class SpinnakerWork implements Workload {
  /// A report of all meters is 50 kB and more.
  private static final SpinnakerCall CALL =
      new SpinnakerCall(Duration.ofSeconds(3), Duration.ofSeconds(5), 4 * 1024 * 1024);

  /// The pool whose threads each have one message of the queue in hand. An execution that only
  /// waits is in the store alone, and in nobody's hand.
  private static final String POOL = "messageHandler";

  private static final String METER = "threadpool.activeCount";
  private static final String METRICS = "/spectator/metrics";

  /// Without this property Orca has no such path.
  private static final String PROPERTY = "spectator.webEndpoint.enabled: true";

  private final ObjectMapper json = new ObjectMapper();

  @Override
  public Outcome<String> takeWork(Endpoint orca, boolean take) {
    return CALL.ask(orca, "POST", "/admin/instance/enabled", "{\"enabled\":" + take + "}");
  }

  @Override
  public Outcome<Integer> underWay(Endpoint service) {
    return service.service().startsWith("rosco")
        ? CALL.ask(service, "GET", "/status/instance", null).flatMap(this::bakes)
        : metrics(service).flatMap(this::messages);
  }

  private static Outcome<String> metrics(Endpoint orca) {
    return switch (CALL.ask(orca, "GET", METRICS, null)) {
      case Outcome.Failed<String>(var f) when f.kind() == Kind.NOT_FOUND ->
          Outcome.failed(
              f.kind(), f.message() + "; a file of its configuration must say " + PROPERTY);
      case Outcome<String> answer -> answer;
    };
  }

  private Outcome<Integer> bakes(String body) {
    return tree(body).map(t -> t.path("status").asText().equals("IDLE") ? 0 : 1);
  }

  private Outcome<Integer> messages(String body) {
    return tree(body)
        .flatMap(t -> {
          var inHand = 0.0;
          var known = false;
          for (var one : t.path("metrics").path(METER).path("values")) {
            var value = newest(one.path("values"));
            if (isOfPool(one.path("tags")) && Double.isFinite(value)) {
              known = true;
              inHand += value;
            }
          }
          return known
              ? Outcome.done((int) Math.ceil(inHand))
              : Outcome.failed(
                  Kind.NOT_FOUND,
                  "orca %s has no meter %s of the pool %sPool".formatted(METRICS, METER, POOL));
        });
  }

  private static boolean isOfPool(JsonNode tags) {
    for (var tag : tags) {
      if (tag.path("key").asText().equals("id") && tag.path("value").asText().startsWith(POOL)) {
        return true;
      }
    }
    return false;
  }

  /// Not a number where there is none, as of a pool that is gone.
  private static double newest(JsonNode values) {
    return values.path(values.size() - 1).path("v").asDouble(Double.NaN);
  }

  private Outcome<JsonNode> tree(String body) {
    try {
      return Outcome.done(json.readTree(body));
    } catch (IOException e) {
      return Outcome.failed(Kind.TRANSIENT, "does not answer with JSON");
    }
  }
}
