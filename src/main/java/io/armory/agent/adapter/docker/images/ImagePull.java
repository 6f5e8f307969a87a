package io.armory.agent.adapter.docker.images;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Json;
import io.armory.agent.adapter.docker.http.JsonLines;
import io.armory.agent.adapter.docker.http.Paths;
import io.armory.agent.adapter.docker.http.Query;
import io.armory.agent.adapter.docker.http.Session;
import io.armory.agent.adapter.docker.observe.ContainerReading;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.ImageReference;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.port.RegistryCredentials;
import java.io.IOException;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Pulls one image. The engine answers 200 and tells of most failures in the stream that follows.
public final class ImagePull {
  private final Session session;
  private final RegistryCredentials credentials;
  private final ImageReference image;
  private final Action.PullImage pull;

  public ImagePull(Session session, RegistryCredentials credentials, Action.PullImage pull) {
    this.session = session;
    this.credentials = credentials;
    this.pull = pull;
    this.image = ImageReference.parse(pull.image());
  }

  /// @param progress told at every sign of life, with a line for people
  /// @return the image's ID
  public String pull(Consumer<String> progress) throws EngineException {
    if (!ImageReference.isValid(pull.image())) {
      throw new EngineException(Failure.Kind.INVALID, ImageReference.wrong(pull.image()));
    }
    var login = login();
    try {
      return pull(login, progress);
    } catch (EngineException e) {
      if (login.isEmpty() || !RegistryWords.isRefusal(String.valueOf(e.getMessage()))) {
        throw e;
      }
    }
    // It may have ended before its time: only a fresh one that is refused says something.
    credentials.refused(image.registry());
    return pull(login(), progress);
  }

  private String pull(Map<String, String> login, Consumer<String> progress) throws EngineException {
    var query = Query.of("fromImage", image.repository()).and("tag", image.tagOrDigest());
    if (pull.platform() != null) {
      query.and("platform", pull.platform());
    }
    var path = session.path("/images/create" + query);
    try (var response = session.http().stream("POST", path, null, login)) {
      read(new JsonLines(response.getBody()), new PullProgress(), progress);
    } catch (IOException e) {
      throw session.http().unreachable(e);
    } catch (EngineException e) {
      // The engine passes the registry's refusals on in statuses of every kind.
      throw e.status() == 0 ? e : e.as(RegistryWords.kind(String.valueOf(e.getMessage())));
    }
    return ContainerReading.imageId(
        session.get(Paths.image(pull.image(), "/json")).path("Id").asText());
  }

  private void read(JsonLines lines, PullProgress layers, Consumer<String> progress)
      throws IOException, EngineException {
    JsonNode message;
    while ((message = lines.next()) != null) {
      // Since API 1.48 the plain text is on its way out.
      var error =
          message.path("error").asText(message.path("errorDetail").path("message").asText(""));
      if (!error.isEmpty()) {
        throw new EngineException(RegistryWords.kind(error), error);
      }
      layers.heard(message);
      progress.accept(layers.toString());
    }
  }

  /// That there is none now says nothing about the image.
  private Map<String, String> login() throws EngineException {
    return switch (credentials.find(image.registry())) {
      case Outcome.Done<Optional<RegistryCredentials.Credential>>(var found) ->
          found.map(c -> Map.of("X-Registry-Auth", header(c))).orElse(Map.of());
      case Outcome.Failed<Optional<RegistryCredentials.Credential>>(var failure) ->
          throw new EngineException(
              Failure.Kind.TRANSIENT,
              "no credentials for " + image.registry() + ": " + failure.message());
    };
  }

  private String header(RegistryCredentials.Credential credential) {
    var json = Json.object().put("serveraddress", image.registry());
    if (credential.username().equals(RegistryCredentials.Credential.TOKEN)) {
      json.put("identitytoken", credential.password().reveal());
    } else {
      json.put("username", credential.username());
      json.put("password", credential.password().reveal());
    }
    return Base64.getUrlEncoder().encodeToString(Json.bytes(json));
  }
}
