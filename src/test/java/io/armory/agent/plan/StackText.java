package io.armory.agent.plan;

import io.armory.agent.domain.SampleService;
import io.armory.agent.domain.SampleStack;
import io.armory.agent.domain.stack.Network;
import io.armory.agent.domain.stack.Networking;
import io.armory.agent.domain.stack.ProbeSpec;
import io.armory.agent.domain.stack.Service.Condition;
import io.armory.agent.domain.stack.Service.Dependency;
import io.armory.agent.domain.stack.Service.PullPolicy;
import io.armory.agent.domain.stack.Stack;
import io.armory.agent.domain.stack.Storage;
import io.armory.agent.domain.stack.Volume;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Map;

/// The stack's lines of a situation file, see [SituationText].
final class StackText {
  private final SampleStack stack = SampleStack.of(SituationText.PROJECT);

  void line(String kind, Words words) {
    var name = words.next();
    switch (kind) {
      case "service" -> stack.service(name, name + ":1", s -> service(s, words));
      case "network" -> network(name, words);
      case "volume" -> volume(name, words);
      default -> throw words.unknown(kind);
    }
  }

  Stack build() {
    return stack.build();
  }

  private static void service(SampleService service, Words words) {
    var mounts = new ArrayList<Storage.Mount>();
    service.definition("1").restart("always", 0);
    while (!words.isEmpty()) {
      var word = words.next();
      switch (word) {
        case "image" -> service.image(words.next());
        case "definition" -> service.definition(words.next());
        case "replicas" -> service.replicas(Integer.parseInt(words.next()));
        case "needs" -> needs(service, words);
        case "on" -> service.on(words.next());
        case "volume" ->
            mounts.add(
                new Storage.VolumeMount(words.next(), "/data", false, false, null, Map.of()));
        case "files" -> {
          var image = words.next();
          mounts.add(new Storage.ImageMount(image, "/" + image, true, null, null));
        }
        case "secret" -> mounts.add(secret(words.next(), words.next()));
        case "pull" ->
            service.pullPolicy(
                words.eat("daily")
                    ? new PullPolicy.Every(Duration.ofDays(1))
                    : PullPolicy.Plain.valueOf(words.next().toUpperCase(Locale.ROOT)));
        case "policy" -> service.restart(words.next(), 0);
        case "called" -> service.identity(words.next(), null, null);
        case "in" -> service.mode(new Networking.Mode.OfService(words.next()));
        case "pid-of" -> service.pid("service:" + words.next());
        case "ipc-of" -> service.ipc("service:" + words.next());
        case "post-start" -> service.postStart(words.next());
        case "pre-stop" -> service.preStop(words.next());
        case "start-first" -> service.startFirst();
        case "memory" -> service.memory(Long.parseLong(words.next()) << 20);
        case "port" -> service.port(null, words.next(), 80);
        case "probed" ->
            service.probe(
                new ProbeSpec(
                    new ProbeSpec.Tcp(80),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(1),
                    Duration.ZERO,
                    3,
                    1));
        default -> throw words.unknown(word);
      }
    }
    service.mounts(mounts.toArray(Storage.Mount[]::new));
  }

  private static Storage.FileMount secret(String name, String path) {
    var target = "/run/secrets/" + name;
    var kind = Storage.FileMount.Kind.SECRET;
    return new Storage.FileMount(kind, name, target, path, null, null, null, "digest");
  }

  private static void needs(SampleService service, Words words) {
    var other = words.next();
    var condition =
        switch (words.next()) {
          case "started" -> Condition.STARTED;
          case "healthy" -> Condition.HEALTHY;
          case "completed" -> Condition.COMPLETED_SUCCESSFULLY;
          case String word -> throw words.unknown(word);
        };
    var required = !words.eat("optional");
    service.dependsOn(other, new Dependency(condition, words.eat("restart"), required));
  }

  private void network(String key, Words words) {
    var external = words.eat("external");
    var hash = words.eat("definition") ? words.next() : "1";
    stack.network(
        new Network(
            key,
            SituationText.PROJECT + "_" + key,
            external,
            null,
            Map.of(),
            null,
            false,
            false,
            false,
            Map.of(),
            null,
            hash));
  }

  private void volume(String key, Words words) {
    var external = words.eat("external");
    var hash = words.eat("definition") ? words.next() : "1";
    stack.volume(
        new Volume(
            key, SituationText.PROJECT + "_" + key, external, null, Map.of(), Map.of(), hash));
  }
}
