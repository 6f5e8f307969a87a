package io.armory.agent.adapter.docker.create;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.armory.agent.adapter.docker.http.Json;
import io.armory.agent.domain.stack.Resources;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The limits and devices in `HostConfig`.
final class ResourcesBody {
  private ResourcesBody() {}

  static void write(Resources resources, ObjectNode body) {
    if (resources.cpus() != null) {
      body.put("NanoCpus", Math.round(resources.cpus() * 1e9));
    }
    if (resources.cpu() != null) {
      cpu(body, resources.cpu());
    }
    Json.put(body, "Memory", resources.memory());
    Json.put(body, "MemoryReservation", resources.memoryReservation());
    Json.put(body, "MemorySwap", resources.memorySwap());
    Json.put(body, "MemorySwappiness", resources.memorySwappiness());
    Json.put(body, "PidsLimit", resources.pids());
    Json.put(body, "ShmSize", resources.shmSize());
    Json.put(body, "OomKillDisable", resources.oomKillDisable());
    Json.put(body, "OomScoreAdj", resources.oomScoreAdj());
    ulimits(body, resources);
    devices(body, resources);
    if (resources.blkio() != null) {
      blkio(body, resources.blkio());
    }
    Json.putAll(body, "StorageOpt", resources.storageOpt());
  }

  private static void cpu(ObjectNode body, Resources.Cpu cpu) {
    Json.put(body, "CpuShares", cpu.shares());
    Json.put(body, "CpuQuota", cpu.quota());
    Json.put(body, "CpuPeriod", cpu.period());
    Json.put(body, "CpuRealtimeRuntime", cpu.realtimeRuntime());
    Json.put(body, "CpuRealtimePeriod", cpu.realtimePeriod());
    Json.put(body, "CpusetCpus", cpu.cpuset());
    Json.put(body, "CpuCount", cpu.count());
    Json.put(body, "CpuPercent", whole(cpu.percent()));
  }

  private static @Nullable Long whole(@Nullable Double number) {
    return number == null ? null : Long.valueOf(Math.round(number));
  }

  private static void ulimits(ObjectNode body, Resources resources) {
    if (resources.ulimits().isEmpty()) {
      return;
    }
    var ulimits = body.putArray("Ulimits");
    resources
        .ulimits()
        .forEach((name, limit) ->
            ulimits
                .addObject()
                .put("Name", name)
                .put("Soft", limit.soft())
                .put("Hard", limit.hard()));
  }

  private static void devices(ObjectNode body, Resources resources) {
    if (!resources.devices().isEmpty()) {
      var devices = body.putArray("Devices");
      for (var device : resources.devices()) {
        devices
            .addObject()
            .put("PathOnHost", device.source())
            .put("PathInContainer", device.target())
            .put("CgroupPermissions", device.permissions());
      }
    }
    Json.putAll(body, "DeviceCgroupRules", resources.deviceCgroupRules());
    if (!resources.deviceRequests().isEmpty()) {
      var requests = body.putArray("DeviceRequests");
      for (var request : resources.deviceRequests()) {
        var entry = requests.addObject().put("Driver", request.driver());
        entry.put("Count", request.count());
        Json.putAll(entry, "DeviceIDs", request.ids());
        Json.put(entry, "Capabilities", request.capabilities());
        Json.putAll(entry, "Options", request.options());
      }
    }
  }

  private static void blkio(ObjectNode body, Resources.Blkio blkio) {
    Json.put(body, "BlkioWeight", blkio.weight());
    if (!blkio.weightDevices().isEmpty()) {
      var devices = body.putArray("BlkioWeightDevice");
      for (var device : blkio.weightDevices()) {
        devices.addObject().put("Path", device.path()).put("Weight", device.weight());
      }
    }
    throttle(body, "BlkioDeviceReadBps", blkio.readBps());
    throttle(body, "BlkioDeviceWriteBps", blkio.writeBps());
    throttle(body, "BlkioDeviceReadIOps", blkio.readIops());
    throttle(body, "BlkioDeviceWriteIOps", blkio.writeIops());
  }

  private static void throttle(
      ObjectNode body, String name, List<Resources.ThrottleDevice> devices) {
    if (!devices.isEmpty()) {
      var entries = body.putArray(name);
      for (var device : devices) {
        entries.addObject().put("Path", device.path()).put("Rate", device.rate());
      }
    }
  }
}
