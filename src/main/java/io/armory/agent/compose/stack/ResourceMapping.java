package io.armory.agent.compose.stack;

import io.armory.agent.compose.source.Fields;
import io.armory.agent.domain.stack.Resources;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The limits and devices of a service; `deploy.resources` where the service itself says nothing.
final class ResourceMapping {
  private ResourceMapping() {}

  static Resources resources(Fields service) {
    Fields declared = service.object("deploy").object("resources");
    Fields limits = declared.object("limits");
    Fields reservations = declared.object("reservations");
    return new Resources(
        first(service.decimal("cpus"), limits.decimal("cpus")),
        cpu(service),
        first(service.number("mem_limit"), limits.number("memory")),
        first(service.number("mem_reservation"), reservations.number("memory")),
        service.number("memswap_limit"),
        service.number("mem_swappiness"),
        first(service.number("pids_limit"), limits.number("pids")),
        service.number("shm_size"),
        service.optionalFlag("oom_kill_disable"),
        service.integer("oom_score_adj"),
        ulimits(service),
        devices(service),
        service.texts("device_cgroup_rules"),
        requests(service, reservations),
        blkio(service),
        service.labels("storage_opt"));
  }

  private static <T> @Nullable T first(@Nullable T own, @Nullable T declared) {
    return own != null ? own : declared;
  }

  private static Resources.@Nullable Cpu cpu(Fields service) {
    Resources.Cpu cpu =
        new Resources.Cpu(
            service.number("cpu_shares"),
            service.number("cpu_quota"),
            service.number("cpu_period"),
            service.number("cpu_rt_runtime"),
            service.number("cpu_rt_period"),
            service.text("cpuset"),
            service.number("cpu_count"),
            service.decimal("cpu_percent"));
    Resources.Cpu none = new Resources.Cpu(null, null, null, null, null, null, null, null);
    return cpu.equals(none) ? null : cpu;
  }

  private static Map<String, Resources.Ulimit> ulimits(Fields service) {
    Map<String, Resources.Ulimit> ulimits = new LinkedHashMap<>();
    Fields all = service.object("ulimits");
    for (String name : service.entries("ulimits").keySet()) {
      Long single = all.map().get(name) instanceof Number n ? (Long) n.longValue() : null;
      Fields both = all.object(name);
      long soft = single != null ? single : Objects.requireNonNullElse(both.number("soft"), 0L);
      long hard = single != null ? single : Objects.requireNonNullElse(both.number("hard"), 0L);
      ulimits.put(name, new Resources.Ulimit(soft, hard));
    }
    return ulimits;
  }

  private static List<Resources.Device> devices(Fields service) {
    List<Resources.Device> devices = new ArrayList<>();
    for (Fields device : service.objects("devices")) {
      String source = device.text("source", "");
      devices.add(
          new Resources.Device(
              source, device.text("target", source), device.text("permissions", "rwm")));
    }
    return devices;
  }

  private static List<Resources.DeviceRequest> requests(Fields service, Fields reservations) {
    List<Resources.DeviceRequest> requests = new ArrayList<>();
    for (Fields device : reservations.objects("devices")) {
      requests.add(request(device, device.texts("capabilities")));
    }
    for (Fields gpu : service.objects("gpus")) {
      List<String> capabilities = new ArrayList<>(gpu.texts("capabilities"));
      if (!capabilities.contains("gpu")) {
        capabilities.add("gpu");
      }
      requests.add(request(gpu, capabilities));
    }
    return requests;
  }

  private static Resources.DeviceRequest request(Fields device, List<String> capabilities) {
    return new Resources.DeviceRequest(
        device.text("driver", ""),
        Objects.requireNonNullElse(device.integer("count"), 0),
        device.texts("device_ids"),
        List.of(capabilities),
        device.labels("options"));
  }

  private static Resources.@Nullable Blkio blkio(Fields service) {
    if (!service.has("blkio_config")) {
      return null;
    }
    Fields blkio = service.object("blkio_config");
    List<Resources.WeightDevice> weights = new ArrayList<>();
    for (Fields device : blkio.objects("weight_device")) {
      weights.add(
          new Resources.WeightDevice(
              device.text("Path", ""), Objects.requireNonNullElse(device.integer("Weight"), 0)));
    }
    return new Resources.Blkio(
        blkio.integer("weight"),
        weights,
        throttles(blkio, "device_read_bps"),
        throttles(blkio, "device_write_bps"),
        throttles(blkio, "device_read_iops"),
        throttles(blkio, "device_write_iops"));
  }

  private static List<Resources.ThrottleDevice> throttles(Fields blkio, String key) {
    List<Resources.ThrottleDevice> throttles = new ArrayList<>();
    for (Fields device : blkio.objects(key)) {
      throttles.add(
          new Resources.ThrottleDevice(
              device.text("Path", ""), Objects.requireNonNullElse(device.number("Rate"), 0L)));
    }
    return throttles;
  }
}
