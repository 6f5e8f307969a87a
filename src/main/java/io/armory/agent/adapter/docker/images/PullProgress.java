package io.armory.agent.adapter.docker.images;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;

/// How far a pull is: `3 of 7 layers, 41 %`.
final class PullProgress {
  private record Layer(long bytes, long total, boolean done) {}

  private final Map<String, Layer> layers = new HashMap<>();
  private String status = "asking the registry";

  void heard(JsonNode message) {
    var id = message.path("id").asText("");
    var said = message.path("status").asText("");
    switch (said) {
      case "Pulling fs layer", "Waiting" -> layers.putIfAbsent(id, new Layer(0, 0, false));
      case "Downloading" -> {
        var detail = message.path("progressDetail");
        layers.put(
            id, new Layer(detail.path("current").asLong(), detail.path("total").asLong(), false));
      }
      case "Pull complete", "Already exists" -> finish(id);
      case "Verifying Checksum", "Download complete" -> downloaded(id);
      case "Extracting" -> extracting(id, message.path("progressDetail").path("total").asLong());
      default -> status = said.isEmpty() ? status : said;
    }
  }

  private void finish(String id) {
    long total = layers.getOrDefault(id, new Layer(0, 0, false)).total;
    layers.put(id, new Layer(total, total, true));
  }

  /// The engine may say nothing of a download that was quick: the size is known at the latest now.
  private void extracting(String id, long size) {
    layers.compute(
        id,
        (i, layer) -> {
          var total = layer == null || layer.total == 0 ? size : layer.total;
          return new Layer(total, total, false);
        });
  }

  private void downloaded(String id) {
    layers.computeIfPresent(id, (i, layer) -> new Layer(layer.total, layer.total, false));
  }

  @Override
  public String toString() {
    if (layers.isEmpty()) {
      return status;
    }
    long done = layers.values().stream().filter(Layer::done).count();
    long bytes = layers.values().stream().mapToLong(Layer::bytes).sum();
    long total = layers.values().stream().mapToLong(Layer::total).sum();
    var layersDone = done + " of " + layers.size() + " layers";
    return total == 0 ? layersDone : layersDone + ", " + 100 * bytes / total + " %";
  }
}
