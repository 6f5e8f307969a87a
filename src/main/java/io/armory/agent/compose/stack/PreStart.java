package io.armory.agent.compose.stack;

import io.armory.agent.compose.source.Fields;
import io.armory.agent.domain.stack.ConfigHashes;
import io.armory.agent.domain.stack.ContainerSpec;
import io.armory.agent.domain.stack.Networking;
import io.armory.agent.domain.stack.Security;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Service.Condition;
import io.armory.agent.domain.stack.Service.Dependency;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `pre_start`: each command becomes a task of its own that is run once for each definition of its
/// service, in order, after what the service depends on and before it. As in the reference, it runs
/// in a container with the image, the environment, the mounts and the networks of the service, and
/// with nothing else of it. Volumes without a name and tmpfs are not shared.
final class PreStart {
  private static final ContainerSpec.Healthcheck NONE =
      new ContainerSpec.Healthcheck(List.of("NONE"), null, null, null, null, null);

  private PreStart() {}

  /// Puts the tasks of a service, and the service that waits for them.
  ///
  /// @param taken names that services have
  static void put(
      Map<String, Service> services, Set<String> taken, Service service, Fields printed) {
    Map<String, Dependency> needs = new LinkedHashMap<>(service.dependsOn());
    List<Fields> commands = printed.objects("pre_start");
    for (int i = 0; i < commands.size(); i++) {
      String name = service.name() + "-pre-start-" + (i + 1);
      while (taken.contains(name)) {
        name += "-own";
      }
      services.put(name, task(name, i + 1, service, commands.get(i), needs));
      needs.put(name, new Dependency(Condition.COMPLETED_SUCCESSFULLY, false, true));
    }
    services.put(service.name(), service.withDependencies(needs));
  }

  private static Service task(
      String name, int number, Service service, Fields hook, Map<String, Dependency> needs) {
    String hash = ConfigHashes.sha256(service.definitionHash() + " pre_start " + number);
    return new Service(
        name,
        Math.min(1, service.replicas()),
        container(service.container(), hook),
        service.pullPolicy(),
        needs,
        service.stopGracePeriod(),
        List.of(),
        List.of(),
        Optional.empty(),
        service.optional(),
        service.elected(),
        false,
        ConfigHashes.of(hash),
        hash);
  }

  private static ContainerSpec container(ContainerSpec service, Fields hook) {
    return new ContainerSpec(
        hook.text("image", service.image()),
        hook.has("image") ? null : service.platform(),
        null,
        null,
        null,
        command(service.command(), hook),
        Map.of(),
        Map.of(),
        NONE,
        ContainerSpec.RestartPolicy.NO,
        networking(service.networking()),
        service.storage(),
        service.resources(),
        security(service.security(), hook),
        service.logging());
  }

  private static ContainerSpec.Command command(ContainerSpec.Command service, Fields hook) {
    Map<String, @Nullable String> environment = new LinkedHashMap<>(service.environment());
    environment.putAll(hook.variables("environment"));
    return new ContainerSpec.Command(
        null,
        hook.optionalTexts("command"),
        environment,
        hook.text("user"),
        hook.text("working_dir"),
        false,
        false,
        null,
        null);
  }

  /// Without names, addresses and ports: those are the service's own.
  private static Networking networking(Networking service) {
    return new Networking(
        service.mode(),
        service.attachments().stream()
            .map(a ->
                new Networking.Attachment(
                    a.network(), List.of(), null, null, List.of(), null, a.priority(), Map.of()))
            .toList(),
        List.of(),
        List.of(),
        service.extraHosts(),
        service.dns(),
        service.dnsOptions(),
        service.dnsSearch(),
        List.of(),
        List.of(),
        null);
  }

  private static Security security(Security service, Fields hook) {
    return new Security(
        hook.flag("privileged"),
        false,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Map.of(),
        service.userns(),
        null,
        null,
        null,
        null,
        service.cgroupParent(),
        service.runtime());
  }
}
