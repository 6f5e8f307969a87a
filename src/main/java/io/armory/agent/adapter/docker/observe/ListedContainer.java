package io.armory.agent.adapter.docker.observe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.armory.agent.adapter.docker.http.Json;
import io.armory.agent.domain.stack.Observation.Container;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A container that the list shows and that cannot be inspected.
final class ListedContainer {
  private ListedContainer() {}

  static String name(JsonNode listed) {
    for (var name : listed.path("Names")) {
      // A link's name has a second slash.
      var own = name.asText("").replaceFirst("^/", "");
      if (!own.contains("/")) {
        return own;
      }
    }
    return listed.path("Id").asText();
  }

  /// What it was when it was last read, as far as the list does not say otherwise; what neither
  /// tells is as if it had been started when it was made.
  static Container presumed(JsonNode listed, @Nullable Container last) {
    var shown = ContainerReading.read(inspectedAs(listed));
    if (last == null) {
      return shown;
    }
    var same = last.state() == shown.state();
    return new Container(
        shown.id(),
        shown.name(),
        last.service(),
        last.number(),
        last.configHash(),
        last.definitionHash(),
        shown.imageId(),
        shown.state(),
        same ? last.exitCode() : shown.exitCode(),
        same && last.oomKilled(),
        same ? last.error() : null,
        last.createdAt(),
        last.startedAt() == null ? shown.startedAt() : last.startedAt(),
        same ? last.finishedAt() : null,
        InspectCache.health(listed.path("Status").asText("")),
        last.restartPolicy(),
        last.networkMode(),
        last.namespaces(),
        shown.networks(),
        last.labels(),
        last.mounts());
  }

  /// The list's entry in the words of an inspection.
  private static ObjectNode inspectedAs(JsonNode listed) {
    var node = Json.object();
    var created = Instant.ofEpochSecond(listed.path("Created").asLong()).toString();
    node.put("Id", listed.path("Id").asText());
    node.put("Name", name(listed));
    node.put("Image", listed.path("ImageID").asText(""));
    node.put("Created", created);
    node.putObject("Config").set("Labels", listed.path("Labels").deepCopy());
    var state = node.putObject("State");
    state.put("Status", listed.path("State").asText(""));
    state.put("ExitCode", InspectCache.exitCode(listed.path("Status").asText("")));
    if (!listed.path("State").asText("").equals("created")) {
      state.put("StartedAt", created);
    }
    node.set("HostConfig", listed.path("HostConfig").deepCopy());
    node.set("NetworkSettings", listed.path("NetworkSettings").deepCopy());
    return node;
  }
}
