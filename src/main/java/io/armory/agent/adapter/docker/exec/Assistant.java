package io.armory.agent.adapter.docker.exec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Json;
import io.armory.agent.adapter.docker.http.Labels;
import io.armory.agent.adapter.docker.http.Paths;
import io.armory.agent.adapter.docker.http.Query;
import io.armory.agent.adapter.docker.http.Session;
import io.armory.agent.domain.TarHeader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;

/// A container beside that of a store: it has the store's image, user and volumes, no network and
/// no right of its own, and goes when it is told to. It carries no label of Compose, so nobody
/// takes it for a part of the project.
public final class Assistant {
  private static final String WAIT = "trap 'exit 0' TERM; while :; do sleep 60 & wait $!; done";

  /// What programs need to find themselves and their data; the rest may be secrets.
  private static final List<String> KEPT = List.of("PATH=", "PGDATA=", "LANG=", "LC_ALL=");

  private Assistant() {}

  public static String start(Session session, String container, String name)
      throws EngineException {
    remove(session, name);
    var of = session.get(Paths.container(container, "/json"));
    var query = Query.of("name", name);
    var id = session.post("/containers/create" + query, body(of)).path("Id").asText();
    session.run(docker -> docker.startContainerCmd(id));
    return id;
  }

  private static ObjectNode body(JsonNode of) {
    var config = of.path("Config");
    var body = Json.object().put("Image", of.path("Image").asText());
    body.put("User", config.path("User").asText("")).put("WorkingDir", "/");
    body.putArray("Entrypoint").add("/bin/sh").add("-c").add(WAIT);
    body.putArray("Cmd");
    body.putObject("Healthcheck").putArray("Test").add("NONE");
    body.putObject("Labels").put(Labels.ASSISTANT, of.path("Name").asText().replace("/", ""));
    var environment = body.putArray("Env");
    config
        .path("Env")
        .forEach(e -> {
          if (KEPT.stream().anyMatch(e.asText()::startsWith)) {
            environment.add(e.asText());
          }
        });
    var host = body.putObject("HostConfig");
    host.put("NetworkMode", "none").put("ReadonlyRootfs", true).put("AutoRemove", true);
    host.putArray("CapDrop").add("ALL");
    host.putArray("SecurityOpt").add("no-new-privileges");
    host.putObject("Tmpfs").put("/tmp", "mode=1777,size=64m");
    var mounts = host.putArray("Mounts");
    for (var mount : of.path("Mounts")) {
      var type = mount.path("Type").asText();
      // What is mounted to be written is data. Files and secrets are read only.
      if (mount.path("RW").asBoolean() && (type.equals("volume") || type.equals("bind"))) {
        var source = mount.path(type.equals("volume") ? "Name" : "Source").asText();
        var to = mounts.addObject().put("Type", type).put("Source", source);
        to.put("Target", mount.path("Destination").asText());
      }
    }
    return body;
  }

  public static String remove(Session session, String name) throws EngineException {
    try {
      session.delete(Paths.container(name, Query.of("force", "1").and("v", "1").toString()));
    } catch (EngineException e) {
      if (e.status() != 404 && !e.says("is already in progress")) {
        throw e;
      }
    }
    return "";
  }

  /// @param directory in the container
  /// @param name there
  public record Put(String directory, String name, Path file) {}

  public static String put(Session session, Runnable alive, String container, Put put)
      throws EngineException {
    var uid = number(session, alive, container, "-u");
    var gid = number(session, alive, container, "-g");
    var path =
        Paths.container(container, "/archive" + Query.of("path", put.directory()).toString());
    try (var content = new Watched(Files.newInputStream(put.file()), alive)) {
      var size = Files.size(put.file());
      var header = TarHeader.file(put.name(), size, uid, gid, Instant.EPOCH);
      var end = new ByteArrayOutputStream();
      end.writeBytes(TarHeader.padding(size));
      end.writeBytes(TarHeader.end());
      var parts =
          List.<InputStream>of(
              new ByteArrayInputStream(header),
              content,
              new ByteArrayInputStream(end.toByteArray()));
      session
          .http()
          .upload(session.path(path), new SequenceInputStream(Collections.enumeration(parts)));
      return "";
    } catch (IOException e) {
      throw session.http().unreachable(e);
    }
  }

  private static int number(Session session, Runnable alive, String container, String option)
      throws EngineException {
    var out = new ByteArrayOutputStream();
    new StreamedExec(session, alive).run(container, List.of("id", option), out);
    return Integer.parseInt(out.toString(StandardCharsets.UTF_8).strip());
  }

  /// Says of each piece that it was read.
  private static final class Watched extends FilterInputStream {
    private final Runnable alive;

    Watched(InputStream in, Runnable alive) {
      super(in);
      this.alive = alive;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      alive.run();
      return super.read(into, from, length);
    }
  }
}
