package io.armory.agent.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/// Pipelines as people have them: saved, started and looked at through gate.
final class RealGate {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String APPLICATION = "rehearsal";

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(20)).build();
  private final String base;

  /// @param base as in `http://127.0.0.1:8084`
  RealGate(String base) {
    this.base = base;
  }

  /// Saves a pipeline of one stage and starts it.
  ///
  /// @param stage the stage's fields
  /// @return the execution's ID
  String start(String name, String stage) {
    var pipeline =
        """
        {"application": "%s", "name": "%s", "keepWaitingPipelines": true, "limitConcurrent": false,
         "triggers": [], "stages": [{"refId": "1", "requisiteStageRefIds": [], "name": "only", %s}]}
        """
            .formatted(APPLICATION, name, stage);
    send("POST", "/pipelines", pipeline);
    var started = send("POST", "/pipelines/" + APPLICATION + "/" + name, "{\"type\": \"manual\"}");
    var ref = started.path("ref").asText();
    if (ref.isEmpty()) {
      throw new AssertionError("gate started nothing: " + started);
    }
    return ref.substring(ref.lastIndexOf('/') + 1);
  }

  /// @return as in RUNNING, SUCCEEDED
  String status(String execution) {
    return send("GET", "/pipelines/" + execution, "").path("status").asText();
  }

  private JsonNode send(String method, String path, String body) {
    var request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(Duration.ofMinutes(2))
            .header("Content-Type", "application/json")
            .method(
                method,
                body.isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body))
            .build();
    try {
      var answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() / 100 != 2) {
        throw new AssertionError(
            method + " " + path + ": " + answer.statusCode() + " " + answer.body());
      }
      return answer.body().isBlank() ? JSON.nullNode() : JSON.readTree(answer.body());
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + path, e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
