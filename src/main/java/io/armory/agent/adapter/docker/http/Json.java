package io.armory.agent.adapter.docker.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.armory.agent.domain.Failure;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// JSON trees: attributes that are not said are not written, so that the engine's defaults hold.
public final class Json {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private Json() {}

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  public static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  public static JsonNode parse(byte[] bytes) throws EngineException {
    if (bytes.length == 0) {
      return JsonNodeFactory.instance.missingNode();
    }
    try {
      return MAPPER.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw new EngineException(
          Failure.Kind.TRANSIENT, "the engine's answer is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new EngineException(
          Failure.Kind.TRANSIENT, "the engine's answer is not JSON: " + e.getMessage());
    }
  }

  public static byte[] bytes(JsonNode node) {
    try {
      return MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  public static void put(ObjectNode to, String name, @Nullable Object value) {
    if (value != null) {
      to.putPOJO(name, value);
      to.set(name, MAPPER.valueToTree(value));
    }
  }

  public static void putAll(ObjectNode to, String name, Collection<String> values) {
    if (!values.isEmpty()) {
      var array = to.putArray(name);
      values.forEach(array::add);
    }
  }

  public static void putAll(ObjectNode to, String name, Map<String, String> values) {
    if (!values.isEmpty()) {
      var object = to.putObject(name);
      values.forEach(object::put);
    }
  }

  /// The member as text, or `null` when it is absent, null or empty.
  public static @Nullable String text(JsonNode node, String name) {
    var value = node.path(name).asText("");
    return value.isEmpty() ? null : value;
  }
}
