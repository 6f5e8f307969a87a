package io.armory.agent.adapter.docker.create;

import io.armory.agent.adapter.docker.http.EngineException;
import io.armory.agent.adapter.docker.http.Json;
import io.armory.agent.disk.RegularFile;
import io.armory.agent.domain.Failure;
import java.io.IOException;
import java.nio.file.Path;

/// `security_opt: seccomp:FILE` names a file; the engine wants its content.
final class SeccompProfile {
  private SeccompProfile() {}

  static String inlined(String option) throws EngineException {
    if (!option.startsWith("seccomp=") && !option.startsWith("seccomp:")) {
      return option;
    }
    var value = option.substring("seccomp=".length());
    if (value.equals("unconfined") || value.equals("builtin") || value.startsWith("{")) {
      return "seccomp=" + value;
    }
    try {
      return "seccomp=" + Json.parse(RegularFile.read(Path.of(value), RegularFile.MIB));
    } catch (IOException | EngineException e) {
      throw new EngineException(
          Failure.Kind.INVALID, "security_opt: cannot read the seccomp profile " + value);
    }
  }
}
