package io.armory.agent.port;

import io.armory.agent.domain.stack.Observation;
import io.armory.agent.domain.stack.Observation.EngineHealth;
import io.armory.agent.domain.stack.Observation.State;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One container of the fake engine. Guarded by the engine's lock.
final class FakeContainer {
  final String id;
  final Map<String, String> labels;
  final String imageId;
  final Set<Integer> hostPorts;
  final boolean checked;
  final Instant createdAt;
  final Map<String, Observation.Endpoint> networks = new HashMap<>();
  final Observation.NetworkMode networkMode;
  final Set<String> namespaces;
  final Map<String, String> mounts;
  String name;
  String restartPolicy;
  State state = State.CREATED;
  int exitCode;
  boolean oomKilled;
  EngineHealth health = EngineHealth.NONE;
  @Nullable Instant startedAt;
  @Nullable Instant finishedAt;

  FakeContainer(Observation.Container like, Set<Integer> hostPorts, boolean checked, Instant now) {
    this.id = like.id();
    this.name = like.name();
    this.labels = like.labels();
    this.imageId = like.imageId();
    this.hostPorts = Set.copyOf(hostPorts);
    this.checked = checked;
    this.createdAt = like.createdAt() == null ? now : like.createdAt();
    this.networkMode = like.networkMode();
    this.namespaces = like.namespaces();
    this.mounts = like.mounts();
    this.restartPolicy = like.restartPolicy();
    this.state = like.state();
    this.exitCode = like.exitCode();
    this.oomKilled = like.oomKilled();
    this.health = like.engineHealth();
    this.startedAt = like.startedAt();
    this.finishedAt = like.finishedAt();
    networks.putAll(like.networks());
  }

  boolean alive() {
    return state == State.RUNNING || state == State.PAUSED || state == State.RESTARTING;
  }

  boolean of(String project) {
    return project.equals(labels.get("com.docker.compose.project"))
        && !"True".equalsIgnoreCase(labels.get("com.docker.compose.oneoff"));
  }

  String service() {
    return labels.getOrDefault("com.docker.compose.service", "");
  }

  Observation.Container observed() {
    return new Observation.Container(
        id,
        name,
        service(),
        Integer.parseInt(labels.getOrDefault("com.docker.compose.container-number", "1")),
        Optional.ofNullable(labels.get("com.docker.compose.config-hash")),
        Optional.ofNullable(labels.get("io.armory.agent.definition")),
        imageId,
        state,
        exitCode,
        oomKilled,
        null,
        createdAt,
        startedAt,
        finishedAt,
        health,
        restartPolicy,
        networkMode,
        namespaces,
        networks,
        labels,
        mounts);
  }
}
