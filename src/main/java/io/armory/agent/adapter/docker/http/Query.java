package io.armory.agent.adapter.docker.http;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/// Query strings of the Engine API, with its JSON `filters`.
public final class Query {
  private final StringJoiner parts = new StringJoiner("&", "?", "").setEmptyValue("");

  public static Query of(String name, String value) {
    return new Query().and(name, value);
  }

  public static Query filters(Map<String, List<String>> filters) {
    var json = Json.object();
    filters.forEach((key, values) -> Json.putAll(json, key, values));
    return of("filters", json.toString());
  }

  public Query and(String name, String value) {
    parts.add(name + "=" + encode(value));
    return this;
  }

  static String encode(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return parts.toString();
  }
}
