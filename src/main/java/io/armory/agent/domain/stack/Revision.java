package io.armory.agent.domain.stack;

import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.RenderedFile;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a node in one role with one set of parameters has to run: the unit of rollout and rollback.
///
/// @param id short digest over everything in it; equal ids are equal stacks
/// @param files what must lie on the node before its containers are created
/// @param composeYaml the resolved Compose file, for people and `docker compose`; holds no secret
/// @param resolvedEnv the variables that went into it as an env file; holds no secret
/// @param warnings one line each
/// @param redis where its services keep their state; empty: on the node, or they keep none
/// @param images reference → ID of the images that it was healthy with: the same reference may mean
///   another image later. Not part of its id; empty: it was not proven yet
public record Revision(
    String id,
    String role,
    Stack stack,
    List<RenderedFile> files,
    String composeYaml,
    String resolvedEnv,
    List<String> warnings,
    Optional<RemoteRedis> redis,
    Map<String, String> images) {

  public Revision {
    files = List.copyOf(files);
    warnings = List.copyOf(warnings);
    images = Map.copyOf(images);
  }

  /// The same, read anew: what nothing uses is no part of its id.
  ///
  /// @param env as [#resolvedEnv]
  public Revision withRemarks(String env, List<String> now) {
    return new Revision(id, role, stack, files, composeYaml, env, now, redis, images);
  }

  /// The same, healthy with these images.
  public Revision withImages(Map<String, String> proven) {
    return new Revision(id, role, stack, files, composeYaml, resolvedEnv, warnings, redis, proven);
  }

  /// Names of those [#files] that are for people and `docker compose` alone.
  public static final String COMPOSE_FILE = "docker-compose.yml";

  public static final String ENV_FILE = "resolved.env";

  /// The files without which its containers, or the agent's care for them, would not do.
  public List<RenderedFile> needed() {
    return files.stream()
        .filter(f -> !f.path().endsWith("/" + COMPOSE_FILE) && !f.path().endsWith("/" + ENV_FILE))
        .toList();
  }

  @Override
  public String toString() {
    return "revision " + id + " (" + role + ", " + stack.services().size() + " services)";
  }
}
