package io.armory.agent.adapter.docker.create;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Json;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.ContainerSpec;
import io.armory.agent.domain.stack.Security;
import java.util.ArrayList;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `HostConfig`: what the container may and what surrounds it.
record HostConfigBody(Action.CreateContainer create, int api, Map<String, String> inherited) {

  ObjectNode json() throws EngineException {
    var spec = create.service().container();
    var body = Json.object();
    restart(body, spec.restart());
    Json.put(body, "Init", spec.command().init());
    Json.putAll(body, "Annotations", spec.annotations());
    security(body, spec.security());
    if (spec.logging() != null) {
      var logging = body.putObject("LogConfig");
      logging.put("Type", spec.logging().driver() == null ? "" : spec.logging().driver());
      Json.putAll(logging, "Config", spec.logging().options());
    }
    ResourcesBody.write(spec.resources(), body);
    new MountsBody(create, api, inherited).writeTo(body);
    return body;
  }

  static void restart(ObjectNode body, ContainerSpec.RestartPolicy policy) {
    var restart = body.putObject("RestartPolicy");
    restart.put("Name", policy.name());
    if (policy.maxRetries() > 0) {
      restart.put("MaximumRetryCount", policy.maxRetries());
    }
  }

  private void security(ObjectNode body, Security security) throws EngineException {
    body.put("Privileged", security.privileged());
    body.put("ReadonlyRootfs", security.readOnly());
    Json.putAll(body, "CapAdd", security.capAdd());
    Json.putAll(body, "CapDrop", security.capDrop());
    securityOptions(body, security);
    Json.putAll(body, "GroupAdd", security.groupAdd());
    Json.putAll(body, "Sysctls", security.sysctls());
    Json.put(body, "UsernsMode", security.userns());
    Json.put(body, "IpcMode", namespace("ipc", security.ipc()));
    Json.put(body, "PidMode", namespace("pid", security.pid()));
    Json.put(body, "UTSMode", security.uts());
    Json.put(body, "CgroupnsMode", security.cgroupNamespace());
    Json.put(body, "CgroupParent", security.cgroupParent());
    Json.put(body, "Runtime", security.runtime());
  }

  /// `systempaths` is a word of the command line, not of the API; seccomp profiles travel by value.
  private static void securityOptions(ObjectNode body, Security security) throws EngineException {
    var options = new ArrayList<String>();
    for (var option : security.securityOpt()) {
      if (option.equals("systempaths=unconfined") || option.equals("systempaths:unconfined")) {
        body.putArray("MaskedPaths");
        body.putArray("ReadonlyPaths");
      } else {
        options.add(SeccompProfile.inlined(option));
      }
    }
    Json.putAll(body, "SecurityOpt", options);
  }

  private @Nullable String namespace(String attribute, @Nullable String mode)
      throws EngineException {
    return mode != null && mode.startsWith("service:")
        ? "container:" + containerOf(create, attribute, mode.substring("service:".length()))
        : mode;
  }

  static String containerOf(Action.CreateContainer create, String attribute, String service)
      throws EngineException {
    var id = create.namespaces().get(service);
    if (id == null) {
      throw new EngineException(
          Failure.Kind.INVALID,
          "%s: service:%s has no container to share with".formatted(attribute, service));
    }
    return id;
  }
}
