package io.armory.agent.domain.stack;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Privileges and namespaces other than the network's.
///
/// @param ipc `shareable`, `private`, `host`, `service:X`, `container:X`, …; likewise `pid`
/// @param cgroupNamespace `host` or `private`
public record Security(
    boolean privileged,
    boolean readOnly,
    List<String> capAdd,
    List<String> capDrop,
    List<String> securityOpt,
    List<String> groupAdd,
    Map<String, String> sysctls,
    @Nullable String userns,
    @Nullable String ipc,
    @Nullable String pid,
    @Nullable String uts,
    @Nullable String cgroupNamespace,
    @Nullable String cgroupParent,
    @Nullable String runtime) {

  public Security {
    capAdd = List.copyOf(capAdd);
    capDrop = List.copyOf(capDrop);
    securityOpt = List.copyOf(securityOpt);
    groupAdd = List.copyOf(groupAdd);
    sysctls = ContainerSpec.ordered(sysctls);
  }
}
