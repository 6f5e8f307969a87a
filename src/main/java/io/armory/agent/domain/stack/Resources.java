package io.armory.agent.domain.stack;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Limits and devices. Bytes are bytes, CPU times microseconds as the engine takes them.
///
/// @param cpus cores, fractions allowed
/// @param memorySwap total of memory and swap; -1 is without limit
public record Resources(
    @Nullable Double cpus,
    @Nullable Cpu cpu,
    @Nullable Long memory,
    @Nullable Long memoryReservation,
    @Nullable Long memorySwap,
    @Nullable Long memorySwappiness,
    @Nullable Long pids,
    @Nullable Long shmSize,
    @Nullable Boolean oomKillDisable,
    @Nullable Integer oomScoreAdj,
    Map<String, Ulimit> ulimits,
    List<Device> devices,
    List<String> deviceCgroupRules,
    List<DeviceRequest> deviceRequests,
    @Nullable Blkio blkio,
    Map<String, String> storageOpt) {

  public Resources {
    ulimits = ContainerSpec.ordered(ulimits);
    devices = List.copyOf(devices);
    deviceCgroupRules = List.copyOf(deviceCgroupRules);
    deviceRequests = List.copyOf(deviceRequests);
    storageOpt = ContainerSpec.ordered(storageOpt);
  }

  /// The CPU controls other than `cpus`.
  public record Cpu(
      @Nullable Long shares,
      @Nullable Long quota,
      @Nullable Long period,
      @Nullable Long realtimeRuntime,
      @Nullable Long realtimePeriod,
      @Nullable String cpuset,
      @Nullable Long count,
      @Nullable Double percent) {}

  /// A `ulimits` entry; a single value sets both.
  public record Ulimit(long soft, long hard) {}

  /// A `devices` entry. `permissions` is some of `rwm`.
  public record Device(String source, String target, String permissions) {}

  /// `gpus` or `deploy.resources.reservations.devices`. `count` -1 is all.
  public record DeviceRequest(
      String driver,
      int count,
      List<String> ids,
      List<List<String>> capabilities,
      Map<String, String> options) {
    public DeviceRequest {
      ids = List.copyOf(ids);
      capabilities = List.copyOf(capabilities);
      options = ContainerSpec.ordered(options);
    }
  }

  /// `blkio_config`.
  public record Blkio(
      @Nullable Integer weight,
      List<WeightDevice> weightDevices,
      List<ThrottleDevice> readBps,
      List<ThrottleDevice> writeBps,
      List<ThrottleDevice> readIops,
      List<ThrottleDevice> writeIops) {
    public Blkio {
      weightDevices = List.copyOf(weightDevices);
      readBps = List.copyOf(readBps);
      writeBps = List.copyOf(writeBps);
      readIops = List.copyOf(readIops);
      writeIops = List.copyOf(writeIops);
    }
  }

  public record WeightDevice(String path, int weight) {}

  public record ThrottleDevice(String path, long rate) {}
}
