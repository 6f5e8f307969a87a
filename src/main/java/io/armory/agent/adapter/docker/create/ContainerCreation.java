package io.armory.agent.adapter.docker.create;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.armory.agent.adapter.docker.http.ComposeRelease;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Json;
import io.armory.agent.adapter.docker.http.Labels;
import io.armory.agent.adapter.docker.http.Paths;
import io.armory.agent.adapter.docker.http.Query;
import io.armory.agent.adapter.docker.http.Session;
import io.armory.agent.adapter.docker.observe.ContainerReading;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Networking;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Creates one container and connects it to all its networks, or leaves nothing behind. A container
/// that an earlier, lost call made under the same name is taken for its result.
public final class ContainerCreation {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerCreation.class);

  /// The first API with annotations (Docker 24).
  private static final int ANNOTATIONS_API = 43;

  /// A field beside the engine's own: the image was asked for by its ID.
  private static final String PLANNED = "planned";

  private final Session session;
  private final Action.CreateContainer create;
  private final ComposeRelease compose;
  private final NetworkingBody networking;

  /// @param compose in whose name it is labelled
  public ContainerCreation(Session session, Action.CreateContainer create, ComposeRelease compose) {
    this.session = session;
    this.compose = compose;
    this.create = create;
    this.networking = new NetworkingBody(create, session.api());
  }

  public String create() throws EngineException {
    var networks = networks();
    var image = image();
    addHealthcheck(image);
    var isNamed = !image.has(PLANNED);
    var inherited = new HashMap<String, String>();
    if (create.inheritFrom().isPresent()) {
      inherited.putAll(
          InheritedVolumes.of(predecessor(create.inheritFrom().get()), image, create.service()));
    }
    var body = new ContainerBody(create, session.api(), compose, image, inherited).json();
    if (!isNamed) {
      body.put("Image", create.imageId());
    }
    pin(body, networks);
    sayWhatIsLost();
    String id;
    try {
      var created = session.post("/containers/create" + query(), body);
      created.path("Warnings").forEach(w -> LOG.warn("{}: {}", create.name(), w.asText()));
      id = created.path("Id").asText();
    } catch (EngineException e) {
      if (e.kind() != Failure.Kind.CONFLICT) {
        throw e;
      }
      id = adopt(e);
    }
    connect(id, networks);
    return id;
  }

  /// Name → ID, as another network may have the name. The engine would not miss one before the
  /// start.
  private Map<String, String> networks() throws EngineException {
    var ids = new HashMap<String, String>();
    for (var attachment : create.service().container().networking().attachments()) {
      var network = create.stack().networks().get(attachment.network());
      if (network != null) {
        ids.put(network.name(), NetworkCalls.idOf(session, create.stack().project(), network));
      }
    }
    return ids;
  }

  /// A name that two networks have is no obstacle where the ID is said. (Podman knows no such
  /// thing.)
  private void pin(ObjectNode body, Map<String, String> networks) {
    if (session.isPodman()) {
      return;
    }
    for (var endpoint : body.path("NetworkingConfig").path("EndpointsConfig").properties()) {
      var id = networks.get(endpoint.getKey());
      if (id != null && endpoint.getValue() instanceof ObjectNode end) {
        end.put("NetworkID", id);
      }
    }
  }

  private Query query() {
    var query = Query.of("name", create.name());
    var platform = create.service().container().platform();
    return platform == null ? query : query.and("platform", platform);
  }

  /// Podman tells the health check of an image to its own clients alone.
  private void addHealthcheck(JsonNode image) throws EngineException {
    var check = create.service().container().healthcheck();
    if (session.isPodman()
        && check != null
        && check.test() == null
        && image.path("Config") instanceof ObjectNode config) {
      var path = "/libpod" + Paths.image(image.path("Id").asText(), "/json");
      config.set("Healthcheck", session.get(path).path("Healthcheck"));
    }
  }

  /// The image that was planned: its name may mean another one by now. Only where that is gone, the
  /// name decides.
  private JsonNode image() throws EngineException {
    var name = create.service().container().image();
    var named = inspected(name);
    if (named.isPresent()
        && ContainerReading.imageId(named.get().path("Id").asText()).equals(create.imageId())) {
      return named.get();
    }
    var planned = inspected(create.imageId());
    if (planned.isPresent() && planned.get() instanceof ObjectNode image) {
      return image.put(PLANNED, true);
    }
    return named.isPresent() ? named.get() : session.get(Paths.image(name, "/json"));
  }

  private Optional<JsonNode> inspected(String image) throws EngineException {
    try {
      return Optional.of(session.get(Paths.image(image, "/json")));
    } catch (EngineException e) {
      if (e.status() == 404) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private JsonNode predecessor(String id) throws EngineException {
    try {
      return session.get(Paths.container(id, "/json"));
    } catch (EngineException e) {
      if (e.status() == 404) {
        return Json.object();
      }
      throw e;
    }
  }

  private void sayWhatIsLost() {
    if (!create.service().container().annotations().isEmpty() && session.api() < ANNOTATIONS_API) {
      LOG.warn(
          "{}: this engine has no annotations (Docker 24 has): they are left out", create.name());
    }
  }

  private String adopt(EngineException conflict) throws EngineException {
    var there = session.get(Paths.container(create.name(), "/json"));
    var labels = ContainerReading.labels(there.path("Config").path("Labels"));
    var service = create.service();
    boolean ours =
        !ContainerReading.oneOff(labels.get(Labels.ONE_OFF))
            && create.stack().project().equals(labels.get(Labels.PROJECT))
            && service.name().equals(labels.get(Labels.SERVICE))
            && Integer.toString(create.number()).equals(labels.get(Labels.NUMBER))
            && service.definitionHash().equals(labels.get(Labels.DEFINITION))
            && create.imageId().equals(labels.get(Labels.IMAGE))
            && sharesTheRightNamespace(there);
    if (!ours) {
      throw conflict;
    }
    return there.path("Id").asText();
  }

  /// A namespace parent that was replaced since makes it another container.
  private boolean sharesTheRightNamespace(JsonNode there) {
    return switch (create.service().container().networking().mode()) {
      case Networking.Mode.OfService(var service) ->
          there
              .path("HostConfig")
              .path("NetworkMode")
              .asText()
              .equals("container:" + create.namespaces().get(service));
      case Networking.Mode.OfContainer other -> true;
      case Networking.Mode.Engine engine -> true;
      case Networking.Mode.Project project -> true;
    };
  }

  private void connect(String id, Map<String, String> networks) throws EngineException {
    for (var attachment : networking.further()) {
      var name = NetworkingBody.networkName(create.stack(), attachment);
      try {
        var network = networks.getOrDefault(name, name);
        var endpoint = networking.endpoint(attachment);
        if (!session.isPodman()) {
          endpoint.put("NetworkID", network);
        }
        NetworkCalls.connect(session, network, id, endpoint);
      } catch (EngineException e) {
        if (e.kind() != Failure.Kind.UNREACHABLE) {
          removeAgain(id);
        }
        throw e;
      }
    }
  }

  private void removeAgain(String id) {
    try {
      session.delete(Paths.container(id, Query.of("v", "1").toString()));
    } catch (EngineException e) {
      LOG.warn("{}: half made and not removed again: {}", create.name(), e.getMessage());
    }
  }
}
