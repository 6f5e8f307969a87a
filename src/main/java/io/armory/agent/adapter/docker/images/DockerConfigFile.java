package io.armory.agent.adapter.docker.images;

import com.fasterxml.jackson.databind.JsonNode;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Json;
import io.armory.agent.disk.RegularFile;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Secret;
import io.armory.agent.port.RegistryCredentials;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Docker's own `config.json`: what `docker login` wrote, and the credential helpers it names. Read
/// anew each time, so that a login needs no restart of the agent.
public final class DockerConfigFile implements RegistryCredentials {
  private static final int HELPER_SECONDS = 20;

  private final Path file;

  /// @param file usually `~/.docker/config.json`; it need not exist
  public DockerConfigFile(Path file) {
    this.file = file;
  }

  @Override
  public Outcome<Optional<Credential>> find(String registry) {
    JsonNode config;
    try {
      config =
          Files.isRegularFile(file)
              ? Json.parse(RegularFile.read(file, RegularFile.MIB))
              : Json.object();
    } catch (IOException | EngineException e) {
      return failed(file + " cannot be read: make it valid JSON that the agent may read");
    }
    var helper = helper(config, registry);
    if (helper.isPresent()) {
      return ask(helper.get(), registry);
    }
    for (var entry : config.path("auths").properties()) {
      if (host(entry.getKey()).equals(registry)) {
        return written(entry.getValue());
      }
    }
    return Outcome.done(Optional.empty());
  }

  private static Optional<String> helper(JsonNode config, String registry) {
    for (var entry : config.path("credHelpers").properties()) {
      if (host(entry.getKey()).equals(registry)) {
        return Optional.of(entry.getValue().asText());
      }
    }
    return Optional.ofNullable(Json.text(config, "credsStore"));
  }

  /// Keys are written as `host`, `https://host` or `https://host/v1/`; Docker Hub's is historical.
  private static String host(String key) {
    var host = key.replaceFirst("^https?://", "").replaceFirst("/.*$", "");
    return host.equals("index.docker.io") ? "docker.io" : host;
  }

  private Outcome<Optional<Credential>> written(JsonNode entry) {
    var token = Json.text(entry, "identitytoken");
    if (token != null) {
      return Outcome.done(Optional.of(new Credential(Credential.TOKEN, new Secret(token))));
    }
    var encoded = Json.text(entry, "auth");
    if (encoded == null) {
      return Outcome.done(Optional.empty());
    }
    try {
      var plain = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
      int colon = plain.indexOf(':');
      if (colon > 0) {
        var password = new Secret(plain.substring(colon + 1));
        return Outcome.done(Optional.of(new Credential(plain.substring(0, colon), password)));
      }
    } catch (IllegalArgumentException e) {
      // Not base64: said below, without the value.
    }
    return failed(file + " has an auth entry that is not USER:PASSWORD in base64: docker login");
  }

  /// `docker-credential-NAME get`, the protocol of Docker's credential helpers.
  private Outcome<Optional<Credential>> ask(String name, String registry) {
    var program = "docker-credential-" + name.toLowerCase(Locale.ROOT);
    var server = registry.equals("docker.io") ? "https://index.docker.io/v1/" : registry;
    try {
      var process =
          new ProcessBuilder(program, "get").redirectError(ProcessBuilder.Redirect.DISCARD).start();
      try (var input = process.getOutputStream()) {
        input.write(server.getBytes(StandardCharsets.UTF_8));
      }
      Thread.ofVirtual().start(() -> endInTime(process));
      var answer = process.getInputStream().readAllBytes();
      if (process.waitFor() != 0) {
        return notFound(answer)
            ? Outcome.done(Optional.empty())
            : failed(program + " has no credentials for " + registry);
      }
      var json = Json.parse(answer);
      return Outcome.done(
          Optional.of(
              new Credential(
                  json.path("Username").asText(), new Secret(json.path("Secret").asText()))));
    } catch (IOException | EngineException e) {
      return failed(program + ", named in " + file + ", cannot be run");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return failed(program + " was interrupted");
    }
  }

  private static boolean notFound(byte[] answer) {
    return new String(answer, StandardCharsets.UTF_8).contains("credentials not found");
  }

  private static void endInTime(Process process) {
    try {
      if (!process.waitFor(HELPER_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Outcome<Optional<Credential>> failed(String message) {
    return Outcome.failed(Failure.Kind.TRANSIENT, message);
  }
}
