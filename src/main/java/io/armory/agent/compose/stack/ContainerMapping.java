package io.armory.agent.compose.stack;

import io.armory.agent.compose.project.Sources;
import io.armory.agent.compose.source.CleanPath;
import io.armory.agent.compose.source.Diagnostics;
import io.armory.agent.compose.source.Fields;
import io.armory.agent.compose.source.Node;
import io.armory.agent.domain.SourceFiles;
import io.armory.agent.domain.stack.ContainerSpec;
import io.armory.agent.domain.stack.Security;
import io.armory.agent.domain.stack.Storage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The printed form of a service → what its containers are made of.
public final class ContainerMapping {
  private static final int MOST_PROFILE_BYTES = 1024 * 1024;

  private final Sources sources;
  private final Diagnostics findings;
  private final String directory;

  /// @param directory the project directory
  public ContainerMapping(Sources sources, Diagnostics findings, String directory) {
    this.sources = sources;
    this.findings = findings;
    this.directory = directory;
  }

  ContainerSpec container(
      Fields service, List<Storage.Mount> fileMounts, List<String> securityOptions) {
    return new ContainerSpec(
        service.text("image", ""),
        service.text("platform"),
        service.text("container_name"),
        service.text("hostname"),
        service.text("domainname"),
        command(service),
        service.labels("labels"),
        service.labels("annotations"),
        healthcheck(service),
        restart(service),
        NetworkingMapping.networking(service),
        StorageMapping.storage(service, fileMounts),
        ResourceMapping.resources(service),
        security(service, securityOptions),
        logging(service));
  }

  private static ContainerSpec.Command command(Fields service) {
    return new ContainerSpec.Command(
        service.optionalTexts("entrypoint"),
        service.optionalTexts("command"),
        service.variables("environment"),
        service.text("user"),
        service.text("working_dir"),
        service.flag("tty"),
        service.flag("stdin_open"),
        service.optionalFlag("init"),
        service.text("stop_signal"));
  }

  private static ContainerSpec.@Nullable Healthcheck healthcheck(Fields service) {
    if (!service.has("healthcheck")) {
      return null;
    }
    Fields health = service.object("healthcheck");
    List<String> test = health.flag("disable") ? List.of("NONE") : health.optionalTexts("test");
    Duration none = null;
    if (test != null && test.getFirst().equals("NONE")) {
      return new ContainerSpec.Healthcheck(List.of("NONE"), none, none, none, none, null);
    }
    return new ContainerSpec.Healthcheck(
        test,
        health.duration("interval"),
        health.duration("timeout"),
        health.duration("start_period"),
        health.duration("start_interval"),
        health.integer("retries"));
  }

  /// `deploy.restart_policy` wins over `restart`, as in the reference. Its condition is `any`
  /// unless it says otherwise.
  private static ContainerSpec.RestartPolicy restart(Fields service) {
    Fields deploy = service.object("deploy");
    if (deploy.has("restart_policy")) {
      Fields policy = deploy.object("restart_policy");
      Integer attempts = policy.integer("max_attempts");
      return switch (policy.text("condition", "any")) {
        case "none", "no" -> ContainerSpec.RestartPolicy.NO;
        case "on-failure" ->
            new ContainerSpec.RestartPolicy("on-failure", attempts == null ? 0 : attempts);
        case "unless-stopped" -> new ContainerSpec.RestartPolicy("unless-stopped", 0);
        default -> new ContainerSpec.RestartPolicy("always", 0);
      };
    }
    String restart = service.text("restart", "no");
    int colon = restart.indexOf(':');
    return colon < 0
        ? new ContainerSpec.RestartPolicy(restart, 0)
        : new ContainerSpec.RestartPolicy(
            restart.substring(0, colon), Integer.parseInt(restart.substring(colon + 1)));
  }

  private static ContainerSpec.@Nullable Logging logging(Fields service) {
    Fields logging = service.object("logging");
    return service.has("logging")
        ? new ContainerSpec.Logging(logging.text("driver"), logging.labels("options"))
        : null;
  }

  private static Security security(Fields service, List<String> options) {
    return new Security(
        service.flag("privileged"),
        service.flag("read_only"),
        service.texts("cap_add"),
        service.texts("cap_drop"),
        options,
        service.texts("group_add"),
        service.labels("sysctls"),
        service.text("userns_mode"),
        service.text("ipc"),
        service.text("pid"),
        service.text("uts"),
        service.text("cgroup"),
        service.text("cgroup_parent"),
        service.text("runtime"));
  }

  /// The engine takes the text of a seccomp profile, the Compose file names its file.
  List<String> securityOptions(String name, Node.Mapping written, Fields service) {
    List<String> options = new ArrayList<>();
    for (String option : service.texts("security_opt")) {
      String normal =
          option.contains("=") || option.equals("no-new-privileges")
              ? option
              : option.replaceFirst(":", "=");
      boolean profile =
          normal.startsWith("seccomp=")
              && !normal.equals("seccomp=unconfined")
              && !normal.equals("seccomp=builtin");
      options.add(profile ? "seccomp=" + profile(normal.substring(8), name, written) : normal);
    }
    return options;
  }

  private String profile(String file, String name, Node.Mapping written) {
    String path = CleanPath.resolve(directory, file);
    if (sources.look(path, MOST_PROFILE_BYTES) instanceof SourceFiles.Content content) {
      return new String(content.bytes(), StandardCharsets.UTF_8).strip();
    }
    // Like the reference, the model is right all the same; the engine room refuses the container.
    findings.warn(
        "%s: services.%s.security_opt: the seccomp profile %s cannot be read; check the path"
            .formatted(written.keyMark("security_opt"), name, path));
    return file;
  }
}
