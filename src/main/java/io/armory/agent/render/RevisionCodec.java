package io.armory.agent.render;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.armory.agent.compose.ComposeResult;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.RenderedFile;
import io.armory.agent.domain.Secret;
import io.armory.agent.domain.stack.Revision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// A revision as bytes, to be kept, and back. What is kept is the resolved Compose file with the
/// files it mounts: going back to it needs no template, no parameter and no network. Unknown fields
/// are left alone, so that the release before can read what this one wrote.
public final class RevisionCodec {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ResolvedStack resolved;

  /// @param composeFile absolute; where the resolved Compose file lies on the node
  /// @param digestKey as given to the render that made the revision
  public RevisionCodec(String project, String composeFile, String digestKey) {
    this.resolved = new ResolvedStack(project, composeFile, digestKey);
  }

  /// Holds the content of every file, secrets too: seal it before it goes to a disk.
  public byte[] encode(Revision revision) {
    var tree = JSON.createObjectNode();
    tree.put("id", revision.id());
    tree.put("role", revision.role());
    tree.put("composeYaml", revision.composeYaml());
    tree.put("resolvedEnv", revision.resolvedEnv());
    revision.redis().ifPresent(redis -> put(tree.putObject("redis"), redis));
    var images = tree.putObject("images");
    new TreeMap<>(revision.images()).forEach(images::put);
    var files = tree.putArray("files");
    for (var f : revision.files()) {
      files
          .addObject()
          .put("path", f.path())
          .put("mode", f.mode())
          .put("uid", f.uid())
          .put("gid", f.gid())
          .put("content", Base64.getEncoder().encodeToString(f.content().bytes()));
    }
    try {
      return JSON.writeValueAsBytes(tree);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Outcome<Revision> decode(byte[] bytes) {
    try {
      return decode(JSON.readTree(bytes));
    } catch (IOException | IllegalArgumentException e) {
      return invalid("it is not readable: " + e.getMessage());
    }
  }

  private Outcome<Revision> decode(JsonNode tree) {
    var files = new ArrayList<RenderedFile>();
    for (var f : tree.path("files")) {
      files.add(
          new RenderedFile(
              f.path("path").asText(),
              new RenderedFile.Content(Base64.getDecoder().decode(f.path("content").asText())),
              f.path("mode").asInt(),
              f.path("uid").asInt(-1),
              f.path("gid").asInt(-1)));
    }
    var yaml = tree.path("composeYaml").asText();
    return switch (resolved.load(yaml, files)) {
      case ComposeResult.Rejected(var problems, _) ->
          invalid(problems.stream().map(Object::toString).collect(Collectors.joining("; ")));
      case ComposeResult.Loaded loaded ->
          Outcome.done(
              new Revision(
                  tree.path("id").asText(),
                  tree.path("role").asText(),
                  loaded.stack(),
                  files,
                  yaml,
                  tree.path("resolvedEnv").asText(),
                  List.of(),
                  tree.has("redis") ? Optional.of(redis(tree.path("redis"))) : Optional.empty(),
                  images(tree.path("images"))));
    };
  }

  /// Those of a release that kept none are not known.
  private static Map<String, String> images(JsonNode tree) {
    var images = new TreeMap<String, String>();
    tree.properties().forEach(e -> images.put(e.getKey(), e.getValue().asText()));
    return images;
  }

  private static void put(ObjectNode tree, RemoteRedis redis) {
    tree.put("host", redis.host())
        .put("port", redis.port())
        .put("tls", redis.tls())
        .put("user", redis.user())
        .put("password", redis.password().reveal())
        .put("hostHidden", redis.hostHidden());
    redis.caFile().ifPresent(file -> tree.put("caFile", file));
    var users = tree.putArray("users");
    redis.users().stream().sorted().forEach(users::add);
  }

  private static RemoteRedis redis(JsonNode tree) {
    var users = new HashSet<String>();
    tree.path("users").forEach(user -> users.add(user.asText()));
    return new RemoteRedis(
        tree.path("host").asText(),
        tree.path("port").asInt(),
        tree.path("tls").asBoolean(),
        tree.path("user").asText(),
        new Secret(tree.path("password").asText()),
        tree.has("caFile") ? Optional.of(tree.path("caFile").asText()) : Optional.empty(),
        users,
        tree.path("hostHidden").asBoolean());
  }

  private static Outcome<Revision> invalid(String why) {
    return Outcome.failed(
        Failure.Kind.INVALID, "the last known good revision cannot be used: " + why);
  }
}
