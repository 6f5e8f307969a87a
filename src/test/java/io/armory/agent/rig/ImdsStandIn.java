package io.armory.agent.rig;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// EC2's instance metadata service, version 2 enforced, with a switch for every fault:
/// `src/test/rig/imds.py` says which.
public final class ImdsStandIn extends RigProcess {
  private static final ObjectMapper JSON = new ObjectMapper();
  private volatile boolean tagsHidden;

  public ImdsStandIn() {
    super(start("imds.py"));
  }

  /// For `AWS_EC2_METADATA_SERVICE_ENDPOINT`.
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + port(0));
  }

  /// @param item below `/latest/meta-data/`
  /// @param value null: the item is not there
  public void set(String item, @Nullable String value) {
    var items = new HashMap<String, @Nullable String>();
    items.put(item, value);
    put("/items", items);
  }

  public void tag(String key, @Nullable String value) {
    set("tags/instance/" + key, value);
  }

  /// The service replaces all faults by these.
  private void faults(Map<String, ?> what) {
    var all = new HashMap<String, Object>(what);
    if (tagsHidden) {
      all.put("tags", "off");
    }
    put("/faults", all);
  }

  /// Every request for a token goes wrong, so many times.
  public void tokenFault(Object what, int times) {
    faults(Map.of("token", Map.of("do", what, "times", times)));
  }

  public void dataFault(Object what, int times) {
    faults(Map.of("data", Map.of("do", what, "times", times)));
  }

  public void itemFault(String item, Object what, int times) {
    faults(Map.of("item", Map.of(item, Map.of("do", what, "times", times))));
  }

  /// Nothing is answered for so long: the slow first minute of an instance.
  public void silentFor(double seconds) {
    faults(Map.of("token", Map.of("do", "hang", "for", seconds)));
  }

  /// Tags are not exposed, whatever else goes wrong, until the reset.
  public void hideTags() {
    tagsHidden = true;
    faults(Map.of());
  }

  public void switchOff() {
    faults(Map.of("endpoint", "off"));
  }

  /// Every token given so far is no longer valid.
  public void expireTokens() {
    ask("POST", port(1), "/expire", "");
  }

  public void reset() {
    tagsHidden = false;
    ask("POST", port(1), "/reset", "");
  }

  /// @param kind `token`, `data` or `without-token`
  public int requests(String kind) {
    return counts().path(kind).asInt();
  }

  public int requestsFor(String item) {
    return counts().path("paths").path(item).asInt();
  }

  private JsonNode counts() {
    try {
      return JSON.readTree(ask("GET", port(1), "/requests", ""));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private void put(String path, Map<String, ?> body) {
    try {
      ask("PUT", port(1), path, JSON.writeValueAsString(body));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
