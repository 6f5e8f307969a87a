package io.armory.agent.compose.print;

import io.armory.agent.compose.source.ByteSize;
import io.armory.agent.compose.source.Fields;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The printed form of a service → the same to be read again, by us and by the reference, which
/// does not read everything it prints.
public final class ServiceText {
  private static final Set<String> BYTES =
      Set.of("mem_limit", "mem_reservation", "memswap_limit", "mem_swappiness", "shm_size");

  private ServiceText() {}

  public static Map<String, @Nullable Object> of(
      @Nullable Object service, Map<String, @Nullable Object> extensions) {
    Map<String, @Nullable Object> written = new LinkedHashMap<>();
    if (service instanceof Map<?, ?> fields) {
      fields.forEach((key, value) -> write(String.valueOf(key), value, written));
    }
    if (!written.containsKey("networks") && !written.containsKey("network_mode")) {
      // An empty network_mode is not printed, but keeps the default network away.
      written.put("network_mode", "");
    }
    written.putAll(extensions);
    return written;
  }

  private static void write(
      String key, @Nullable Object value, Map<String, @Nullable Object> written) {
    Object again =
        switch (key) {
          case "command", "entrypoint" -> value;
          case "blkio_config" -> lowerCase(bytes(value, "Rate", "rate"));
          case "ports" -> completed(ports(value), "mode");
          case "configs" -> fileMounts(value);
          case "secrets" -> completed(fileMounts(value), "target");
          case "volumes" -> volumes(bytes(value, "size"));
          case "devices" -> completed(completed(value, "source"), "target");
          case "gpus" -> requests(value);
          case "build" ->
              lines(bytes(limited(value), "shm_size"), "args", "labels", "additional_contexts");
          case "pre_start", "post_start", "pre_stop" -> hooks(value);
          case "deploy" -> deploy(value);
          case "ulimits" -> ulimits(value);
          case "group_add" -> groups(value);
          case "extra_hosts" -> hosts(value);
          case "environment", "labels", "annotations", "sysctls" -> variables(value);
          default -> BYTES.contains(key) ? number(value) : value;
        };
    if (again != null) {
      written.put(key, again);
    }
  }

  /// Bytes as a number where the text is read as another one, or as none: what is negative, and
  /// most of what is beyond 53 bits.
  private static @Nullable Object number(@Nullable Object value) {
    return value instanceof String text && !text.equals(String.valueOf(ByteSize.parse(text)))
        ? (Object) Long.valueOf(text)
        : value;
  }

  /// The same for all of these keys, however deep in it they are.
  private static @Nullable Object bytes(@Nullable Object value, String... keys) {
    return switch (value) {
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> written = new LinkedHashMap<>();
        map.forEach((key, v) ->
            written.put(
                String.valueOf(key), List.of(keys).contains(key) ? number(v) : bytes(v, keys)));
        yield written;
      }
      case List<?> list -> {
        List<@Nullable Object> written = new ArrayList<>();
        list.forEach(item -> written.add(bytes(item, keys)));
        yield written;
      }
      case null, default -> value;
    };
  }

  /// The mode as a number: releases that know no octal text read 0440 as 440.
  private static @Nullable Object fileMounts(@Nullable Object value) {
    return value instanceof List<?> list
        ? list.stream()
            .map(m ->
                m instanceof Map<?, ?> mount && mount.get("mode") instanceof String octal
                    ? with(mount, "mode", Long.parseLong(octal, 8))
                    : m)
            .toList()
        : value;
  }

  /// What is not printed was said to be empty; not said at all, it would get its default.
  private static @Nullable Object completed(@Nullable Object value, String key) {
    return value instanceof List<?> list
        ? list.stream()
            .map(i -> i instanceof Map<?, ?> map && !map.containsKey(key) ? with(map, key, "") : i)
            .toList()
        : value;
  }

  /// What is not printed is false here, and true to releases since 5.0.
  private static @Nullable Object volumes(@Nullable Object value) {
    return value instanceof List<?> list
        ? list.stream()
            .map(v ->
                v instanceof Map<?, ?> volume
                        && volume.get("bind") instanceof Map<?, ?> bind
                        && !bind.containsKey("create_host_path")
                    ? with(volume, "bind", with(bind, "create_host_path", false))
                    : v)
            .toList()
        : value;
  }

  /// A port that is there twice stays twice only if one of them is a number, or published as
  /// nothing instead of not.
  private static List<@Nullable Object> ports(@Nullable Object value) {
    List<@Nullable Object> ports = new ArrayList<>();
    Set<List<@Nullable Object>> seen = new HashSet<>();
    for (Object printed : value instanceof List<?> list ? list : List.of()) {
      Fields port = Fields.of(printed);
      // 0 is not printed.
      Object item = port.map().containsKey("target") ? printed : with(printed, "target", 0L);
      List<@Nullable Object> key =
          Arrays.asList(
              port.text("host_ip"),
              port.text("published"),
              port.number("target"),
              port.text("protocol"));
      String published = port.text("published", "");
      if (seen.add(key) || !published.matches("[0-9]{0,5}")) {
        ports.add(item);
      } else {
        ports.add(with(item, "published", published.isEmpty() ? "" : Long.valueOf(published)));
      }
    }
    return ports;
  }

  private static Map<String, @Nullable Object> with(
      @Nullable Object map, String key, Object value) {
    Map<String, @Nullable Object> copy = new LinkedHashMap<>();
    Fields.of(map).map().forEach((k, v) -> copy.put(String.valueOf(k), v));
    copy.put(key, value);
    return copy;
  }

  /// A request for no device at all is not printed, and read again it is one for all.
  private static @Nullable Object requests(@Nullable Object value) {
    return value instanceof List<?> list ? list.stream().map(ServiceText::request).toList() : value;
  }

  private static Object request(Object request) {
    return request instanceof Map<?, ?> map
            && !map.containsKey("count")
            && !map.containsKey("device_ids")
        ? with(map, "count", 0L)
        : request;
  }

  private static @Nullable Object limited(@Nullable Object build) {
    return build instanceof Map<?, ?> map && map.get("ulimits") != null
        ? with(map, "ulimits", ulimits(map.get("ulimits")))
        : build;
  }

  private static @Nullable Object hooks(@Nullable Object value) {
    return value instanceof List<?> list
        ? list.stream().map(hook -> lines(hook, "environment")).toList()
        : value;
  }

  /// The mapping with its mappings of these keys as lines, where only lines can hold them.
  public static @Nullable Object lines(@Nullable Object value, String... keys) {
    if (!(value instanceof Map<?, ?> map)) {
      return value;
    }
    Map<String, @Nullable Object> written = new LinkedHashMap<>();
    map.forEach((key, v) ->
        written.put(String.valueOf(key), List.of(keys).contains(key) ? variables(v) : v));
    return written;
  }

  private static @Nullable Object deploy(@Nullable Object said) {
    Object value = lines(said, "labels");
    if (value instanceof Map<?, ?> deploy
        && deploy.get("resources") instanceof Map<?, ?> resources
        && resources.get("reservations") instanceof Map<?, ?> reservations
        && reservations.get("devices") instanceof List<?> devices) {
      Object requests = Objects.requireNonNull(requests(devices));
      Object reserved = with(reservations, "devices", requests);
      return with(deploy, "resources", with(resources, "reservations", reserved));
    }
    return value;
  }

  /// Zeros are not printed.
  private static Map<String, @Nullable Object> ulimits(@Nullable Object value) {
    Map<String, @Nullable Object> ulimits = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> all) {
      all.forEach((name, limit) -> {
        Object written = limit;
        if (limit instanceof Map<?, ?> both) {
          Map<String, @Nullable Object> pair = new LinkedHashMap<>();
          pair.put("soft", both.get("soft") == null ? (Object) 0L : both.get("soft"));
          pair.put("hard", both.get("hard") == null ? (Object) 0L : both.get("hard"));
          written = pair;
        }
        ulimits.put(String.valueOf(name), written);
      });
    }
    return ulimits;
  }

  /// The same group twice is first a number and then a text.
  private static List<@Nullable Object> groups(@Nullable Object value) {
    List<@Nullable Object> groups =
        new ArrayList<>(value instanceof List<?> list ? list : List.of());
    Set<@Nullable Object> later = new HashSet<>();
    for (int i = groups.size() - 1; i >= 0; i--) {
      boolean again = !later.add(groups.get(i));
      if (again && groups.get(i) instanceof String text && text.matches("[1-9][0-9]{0,8}")) {
        groups.set(i, Long.valueOf(text));
      }
    }
    return groups;
  }

  /// A list has no line twice, a mapping may.
  private static @Nullable Object hosts(@Nullable Object value) {
    if (!(value instanceof List<?> lines) || new HashSet<>(lines).size() == lines.size()) {
      return value;
    }
    Map<String, @Nullable Object> hosts = new TreeMap<>();
    for (Object item : lines) {
      String line = String.valueOf(item);
      int cut = line.indexOf('=');
      Object addresses = hosts.computeIfAbsent(line.substring(0, cut), _ -> new ArrayList<>());
      addTo(addresses, line.substring(cut + 1));
    }
    return hosts;
  }

  @SuppressWarnings("unchecked")
  private static void addTo(@Nullable Object list, String address) {
    if (list instanceof List<?> addresses) {
      ((List<@Nullable Object>) addresses).add(address);
    }
  }

  private static boolean isLineOnly(Object key) {
    String name = String.valueOf(key);
    return name.isEmpty() || name.startsWith("x-");
  }

  /// A mapping cannot have an empty key, nor one that starts with `x-`; a list of lines can.
  private static @Nullable Object variables(@Nullable Object value) {
    if (!(value instanceof Map<?, ?> map)
        || map.keySet().stream().noneMatch(ServiceText::isLineOnly)) {
      return value;
    }
    List<@Nullable Object> lines = new ArrayList<>();
    map.forEach((key, v) -> lines.add(v == null ? key : key + "=" + v));
    return lines;
  }

  /// The reference prints `Path`, `Rate` and `Weight`, which it does not read again.
  private static @Nullable Object lowerCase(@Nullable Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> lower = new LinkedHashMap<>();
        map.forEach((k, v) -> lower.put(String.valueOf(k).toLowerCase(Locale.ROOT), lowerCase(v)));
        yield lower;
      }
      case List<?> list -> {
        List<@Nullable Object> lower = new ArrayList<>();
        list.forEach(item -> lower.add(lowerCase(item)));
        yield lower;
      }
      case null, default -> value;
    };
  }
}
