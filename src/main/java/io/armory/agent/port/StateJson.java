package io.armory.agent.port;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.StreamSupport;

/// State documents that are JSON, and what is read from them. Another release may have written
/// them: fields that are not known are left alone, and those that are missing read as nothing.
public final class StateJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private StateJson() {}

  public static ObjectNode object() {
    return JSON.createObjectNode();
  }

  /// @return empty when it was never written
  public static Outcome<Optional<JsonNode>> load(StateStore store, String name) {
    return store
        .load(name)
        .flatMap(bytes -> {
          try {
            return Outcome.done(
                bytes.isPresent() ? Optional.of(JSON.readTree(bytes.get())) : Optional.empty());
          } catch (IOException e) {
            return Outcome.failed(
                Failure.Kind.INVALID, "state " + name + " is not JSON: " + e.getMessage());
          }
        });
  }

  public static Outcome<String> save(StateStore store, String name, JsonNode tree) {
    return store.save(name, tree.toString().getBytes(StandardCharsets.UTF_8));
  }

  /// The epoch, if it cannot be understood.
  public static Instant instant(JsonNode node) {
    try {
      return Instant.parse(node.asText());
    } catch (DateTimeException e) {
      return Instant.EPOCH;
    }
  }

  public static List<String> texts(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asText).toList();
  }

  /// An object's fields, in their order.
  public static <V> Map<String, V> map(JsonNode object, Function<JsonNode, V> value) {
    var all = new LinkedHashMap<String, V>();
    object.properties().forEach(e -> all.put(e.getKey(), value.apply(e.getValue())));
    return all;
  }
}
