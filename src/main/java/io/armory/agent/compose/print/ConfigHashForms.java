package io.armory.agent.compose.print;

import io.armory.agent.compose.source.Node;
import io.armory.agent.domain.stack.ComposeGeneration;
import io.armory.agent.domain.stack.ConfigHashes;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A service's printed form → the text that each generation of the reference hashes.
public final class ConfigHashForms {
  private static final String SERVICE = "service:";
  private static final String CONTAINER = "container:";

  /// Of a service's network, before they were sorted.
  private static final List<String> OLD_ORDER =
      List.of(
          "priority",
          "gw_priority",
          "aliases",
          "ipv4_address",
          "ipv6_address",
          "link_local_ips",
          "mac_address",
          "driver_opts",
          "interface_name");

  private ConfigHashForms() {}

  /// @param printed the service's printed form
  /// @param written the same service as it was before it was printed, which still knows what was
  ///   said and what only is the default
  public static ConfigHashes hashes(Map<String, @Nullable Object> printed, Node.Mapping written) {
    Map<ComposeGeneration, ConfigHashes.Hash> hashes = new EnumMap<>(ComposeGeneration.class);
    for (ComposeGeneration generation : ComposeGeneration.values()) {
      hashes.put(generation, hash(of(generation, printed, written)));
    }
    return new ConfigHashes(hashes);
  }

  private static Map<String, @Nullable Object> of(
      ComposeGeneration generation, Map<String, @Nullable Object> printed, Node.Mapping written) {
    Map<String, @Nullable Object> fields = container(printed);
    if (generation.compareTo(ComposeGeneration.V2_29) >= 0) {
      fields.remove("depends_on");
    }
    if (generation.compareTo(ComposeGeneration.V2_30) >= 0) {
      fields.remove("profiles");
    }
    if (generation.compareTo(ComposeGeneration.V2_34) < 0) {
      plainModes(fields);
    }
    if (generation.compareTo(ComposeGeneration.V2_36) < 0) {
      boolean gateway = generation == ComposeGeneration.V2_34;
      fields.computeIfPresent("networks", (_, networks) -> inOldOrder(networks, gateway));
    }
    if (generation.compareTo(ComposeGeneration.V5_0) >= 0) {
      fields.computeIfPresent("volumes", (_, volumes) -> optedOut(volumes, written));
    }
    return fields;
  }

  /// The fields that make the container.
  static Map<String, @Nullable Object> container(Map<String, @Nullable Object> service) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>(service);
    fields.remove("build");
    fields.remove("pull_policy");
    fields.remove("scale");
    fields.computeIfPresent(
        "deploy",
        (_, deploy) -> {
          Map<String, @Nullable Object> rest = copy(deploy);
          rest.remove("replicas");
          return rest;
        });
    return fields;
  }

  private static Map<String, @Nullable Object> copy(@Nullable Object map) {
    Map<String, @Nullable Object> copy = new LinkedHashMap<>();
    if (map instanceof Map<?, ?> all) {
      all.forEach((key, value) -> copy.put(String.valueOf(key), value));
    }
    return copy;
  }

  private static Object each(Object list, UnaryOperator<Map<String, @Nullable Object>> change) {
    return list instanceof List<?> items
        ? items.stream().map(item -> change.apply(copy(item))).toList()
        : list;
  }

  /// Numbers, as all releases before wrote them.
  static void plainModes(Map<String, @Nullable Object> fields) {
    fields.computeIfPresent("configs", (_, mounts) -> each(mounts, ConfigHashForms::plainMode));
    fields.computeIfPresent("secrets", (_, mounts) -> each(mounts, ConfigHashForms::plainMode));
  }

  private static Map<String, @Nullable Object> plainMode(Map<String, @Nullable Object> mount) {
    mount.computeIfPresent(
        "mode",
        (_, mode) -> mode instanceof String octal ? Long.valueOf(Long.parseLong(octal, 8)) : mode);
    return mount;
  }

  /// @param gateway whether `gw_priority` counts: the first releases lost it
  private static Object inOldOrder(Object networks, boolean gateway) {
    Map<String, @Nullable Object> all = copy(networks);
    all.replaceAll((_, network) -> {
      if (!(network instanceof Map<?, ?> attributes)) {
        return network;
      }
      Map<String, @Nullable Object> ordered = new LinkedHashMap<>();
      for (String name : OLD_ORDER) {
        if (attributes.containsKey(name) && (gateway || !name.equals("gw_priority"))) {
          ordered.put(name, attributes.get(name));
        }
      }
      return ordered;
    });
    return all;
  }

  private static Object optedOut(Object volumes, Node.Mapping written) {
    if (!(volumes instanceof List<?> items)) {
      return volumes;
    }
    List<@Nullable Object> changed = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      Map<String, @Nullable Object> volume = copy(items.get(i));
      boolean never = saysNever(written, i);
      volume.computeIfPresent("bind", (_, bind) -> optedOut(copy(bind), never));
      changed.add(volume);
    }
    return changed;
  }

  /// True is the default and is left out; only an explicit false is printed, in its place between
  /// `propagation` and `recursive`.
  private static Map<String, @Nullable Object> optedOut(
      Map<String, @Nullable Object> bind, boolean never) {
    Map<String, @Nullable Object> changed = new LinkedHashMap<>();
    for (String name : List.of("selinux", "propagation", "create_host_path", "recursive")) {
      if (name.equals("create_host_path")) {
        if (never) {
          changed.put(name, false);
        }
      } else if (bind.containsKey(name)) {
        changed.put(name, bind.get(name));
      }
    }
    return changed;
  }

  private static boolean saysNever(Node.Mapping written, int index) {
    return written.get("volumes") instanceof Node.Sequence volumes
        && index < volumes.items().size()
        && volumes.items().get(index) instanceof Node.Mapping volume
        && volume.get("bind") instanceof Node.Mapping bind
        && bind.get("create_host_path") instanceof Node.Scalar said
        && !Boolean.TRUE.equals(said.value());
  }

  private static ConfigHashes.Hash hash(Map<String, @Nullable Object> fields) {
    String plain = Json.compact(fields);
    String value = ConfigHashes.sha256(plain);
    // Nobody can write the digest of a text into the text.
    String fence = "@" + value + "@";
    String resolved = Json.compact(resolved(fields, service -> fence + service + fence));
    return new ConfigHashes.Hash(
        value,
        resolved.equals(plain) ? List.of() : List.of(resolved.split(Pattern.quote(fence), -1)));
  }

  /// The reference puts IDs of containers in the place of services, and forgets in `volumes_from`
  /// whether they are read only. From 5.1 to 5.4 it puts the IDs of mounted images in the place of
  /// their names.
  private static Map<String, @Nullable Object> resolved(
      Map<String, @Nullable Object> fields, Function<String, String> id) {
    Map<String, @Nullable Object> resolved = new LinkedHashMap<>(fields);
    for (String namespace : List.of("network_mode", "ipc", "pid")) {
      resolved.computeIfPresent(
          namespace,
          (_, mode) ->
              mode instanceof String text && text.startsWith(SERVICE)
                  ? CONTAINER + id.apply(text.substring(SERVICE.length()))
                  : mode);
    }
    resolved.computeIfPresent(
        "volumes",
        (_, volumes) ->
            each(
                volumes,
                volume -> {
                  if (volume.get("type") instanceof String type && type.equals("image")) {
                    volume.computeIfPresent(
                        "source", (_, image) -> id.apply(ConfigHashes.IMAGE + image));
                  }
                  return volume;
                }));
    resolved.computeIfPresent(
        "volumes_from",
        (_, from) ->
            from instanceof List<?> all
                ? all.stream().map(v -> resolvedVolumes(String.valueOf(v), id)).toList()
                : from);
    return resolved;
  }

  private static String resolvedVolumes(String from, Function<String, String> id) {
    String[] parts = from.split(":", -1);
    return parts[0].equals("container") && parts.length > 1 ? parts[1] : id.apply(parts[0]);
  }
}
