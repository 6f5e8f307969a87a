package io.armory.agent.adapter.docker.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Failure.Blame;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What engines really say, by whose fault it is.
class EngineWordsTest {
  private static final Map<Blame, List<String>> SAID =
      Map.of(
          Blame.DEFINITION,
          List.of(
              "invalid reference format: repository name must be lowercase",
              "No such image: foo/gate:x",
              "invalid mount config for type \"bind\": bind source path does not exist: /nowhere",
              "error while creating mount source path '/x/y': mkdir /x: read-only file system",
              "invalid volume specification: '/a:/b:/c:/d'",
              "Duplicate mount point: /data",
              "failed to initialize logging driver: unknown log opt 'fluentd-adress' for fluentd"
                  + " log driver",
              "logger: no log driver named 'fluend' is registered",
              "OCI runtime create failed: runc create failed: unable to start container process:"
                  + " exec: \"/bin/gate\": stat /bin/gate: no such file or directory: unknown",
              "failed to create shim task: OCI runtime create failed: runc create failed: unable to"
                  + " start container process: exec: \"runc\": executable file not found in $PATH:"
                  + " unknown",
              "OCI runtime create failed: container_linux.go:380: starting container process"
                  + " caused: exec: \"containerd-shim\": permission denied: unknown",
              "unable to find user spinnaker: no matching entries in passwd file",
              "failed to create shim task: OCI runtime create failed: runc create failed: unable to"
                  + " start container process: error mounting \"/a\" to rootfs at \"/b\": mount"
                  + " /a:/b (via /proc/self/fd/6), flags: 0x5000: not a directory: unknown",
              "failed to create shim task: OCI runtime create failed: container init was OOM-killed"
                  + " (memory limit too low?): unknown",
              "error gathering device information while adding custom device \"/dev/foo\": no such"
                  + " file or directory",
              "could not select device driver \"nvidia\" with capabilities: [[gpu]]",
              "unknown or invalid runtime name: crun",
              "failed to create task for container: failed to start shim: failed to resolve runtime"
                  + " path: runtime \"io.containerd.kata.v2\" binary not installed"
                  + " \"containerd-shim-kata-v2\": file does not exist: unknown",
              "failed to start shim: failed to resolve runtime path: invalid runtime name /opt/x y,"
                  + " correct runtime name should be either format like `io.containerd.runc.v2`",
              "failed to create shim task: failed to start shim: fork/exec /opt/kata/shim: no such"
                  + " file or directory: unknown",
              "OCI runtime create failed: unable to retrieve OCI runtime error (open /run/x/log.json:"
                  + " no such file or directory): fork/exec /usr/bin/nvidia-container-runtime: no"
                  + " such file or directory: unknown",
              "OCI runtime create failed: unable to retrieve OCI runtime error (open /run/x/log.json:"
                  + " no such file or directory): /usr/bin/nvidia-container-runtime did not"
                  + " terminate successfully: exit status 127: unknown",
              "Decoding seccomp profile failed: invalid character 'x'",
              "Minimum memory limit allowed is 6MB",
              "Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available",
              "failed to create shim task: OCI runtime create failed: runc create failed: unable to"
                  + " start container process: error setting rlimits for ready process: error"
                  + " setting rlimit type 7: operation not permitted: unknown",
              "sysctl \"kernel.foo\" is not in a separate kernel namespace",
              "conflicting options: port publishing and the container type network mode",
              "invalid IP address in add-host: \"x\"",
              "user specified IP address is supported only when connecting to networks with user"
                  + " configured subnets",
              "failed to mount local volume: mount /dev/x:/var/lib/docker/volumes/p_v/_data: no"
                  + " such file or directory",
              "invalid CapAdd: unknown capability: \"CAP_FOO\""),
          Blame.NODE,
          List.of(
              "driver failed programming external connectivity on endpoint p-gate-1 (abc): Bind for"
                  + " 0.0.0.0:8084 failed: port is already allocated",
              "driver failed programming external connectivity on endpoint p-gate-1 (abc): Error"
                  + " starting userland proxy: listen tcp4 0.0.0.0:8084: bind: address already in"
                  + " use",
              "listen tcp4 10.9.9.9:80: bind: cannot assign requested address",
              "mkdir /var/lib/docker/overlay2/abc-init: no space left on device",
              "could not find an available, non-overlapping IPv4 address pool among the defaults to"
                  + " assign to the network",
              "all predefined address pools have been fully subnetted",
              "Pool overlaps with other one on this address space",
              "no available IPv4 addresses on this network's address pools: p_default (abc)",
              "network p_default not found",
              "Conflict. The container name \"/p-gate-1\" is already in use by container \"abc\"."
                  + " You have to remove (or rename) that container to be able to reuse that name.",
              "failed to create endpoint p-gate-1 on network p_default: failed to add the host"
                  + " (veth1) <=> sandbox (veth2) pair interfaces: operation not supported",
              "cgroups: cgroup mountpoint does not exist: unknown",
              "fork/exec /usr/bin/containerd-shim-runc-v2: resource temporarily unavailable",
              "fork/exec /usr/bin/containerd-shim-runc-v2: cannot allocate memory",
              "error creating temporary lease: write"
                  + " /var/lib/containerd/io.containerd.metadata.v1.bolt/meta.db: no space left on"
                  + " device",
              "error creating overlay mount to /var/lib/docker/overlay2/abc/merged: too many levels"
                  + " of symbolic links",
              "driver failed programming external connectivity on endpoint p-gate-1 (abc): iptables"
                  + " failed: iptables --wait -t nat -A DOCKER: No chain/target/match by that"
                  + " name.",
              "failed to create endpoint p-gate-1 on network p_weave: dial unix"
                  + " /run/docker/plugins/weave.sock: connect: no such file or directory",
              "Container abc is marked for removal and cannot be started",
              "cannot allocate memory: unknown",
              "driver \"overlay2\" failed to remove root filesystem: unlinkat"
                  + " /var/lib/docker/overlay2/abc/merged: device or resource busy"),
          Blame.OUTSIDE,
          List.of(
              "failed to initialize logging driver: dial tcp 127.0.0.1:18139: connect: connection"
                  + " refused",
              "failed to create task for container: failed to initialize logging driver: dial tcp:"
                  + " lookup logs.internal on 10.0.0.2:53: no such host",
              "failed to initialize logging driver: failed to create Cloudwatch log stream:"
                  + " NoCredentialProviders: no valid providers in chain",
              "failed to initialize logging driver: gelf: cannot connect to GELF endpoint:"
                  + " 10.0.0.1:12201 dial tcp 10.0.0.1:12201: i/o timeout",
              "failed to initialize logging driver: dial udp 10.0.0.9:514: connect: network is"
                  + " unreachable",
              "failed to initialize logging driver: failed to create Cloudwatch log stream:"
                  + " ThrottlingException: Rate exceeded",
              "error while mounting volume '/var/lib/docker/volumes/p_nfs/_data': failed to mount"
                  + " local volume: mount :/export:/var/lib/docker/volumes/p_nfs/_data, data:"
                  + " addr=10.0.0.5: connection refused",
              "error while mounting volume '/var/lib/docker/volumes/p_nfs/_data': stale file"
                  + " handle",
              "VolumeDriver.Mount: error mounting efs: timed out",
              "failed to chmod on /var/lib/docker/volumes/p_nfs/_data: chmod"
                  + " /var/lib/docker/volumes/p_nfs/_data: operation not permitted",
              "error copying image data to volume: chown"
                  + " /var/lib/docker/volumes/p_nfs/_data/x: input/output error",
              "open /var/lib/docker/volumes/p_efs/_data/lock: read-only file system",
              "lstat /var/lib/containers/storage/volumes/p_nfs/_data: transport endpoint is not"
                  + " connected",
              "lstat /var/lib/docker/volumes/p_ceph/_data: structure needs cleaning",
              "Get \"https://registry.internal/v2/\": unexpected answer of the registry"),
          Blame.ENGINE,
          List.of(
              "connection error: desc = \"transport: error while dialing: dial unix"
                  + " /run/containerd/containerd.sock: connect: connection refused\": unavailable",
              "failed to dial containerd: context deadline exceeded",
              "containerd is not running",
              "failed to create shim task: failed to start shim: fork/exec"
                  + " /usr/bin/containerd-shim-runc-v2: no such file or directory: unknown",
              "failed to start shim: failed to resolve runtime path: runtime"
                  + " \"io.containerd.runc.v2\" binary not installed \"containerd-shim-runc-v2\":"
                  + " file does not exist: unknown",
              "unable to retrieve OCI runtime error (open /run/x/log.json: no such file or"
                  + " directory): fork/exec /usr/bin/runc: no such file or directory: unknown",
              "ttrpc: closed: unknown",
              "OCI runtime create failed: unable to retrieve OCI runtime error (open"
                  + " /run/containerd/io.containerd.runtime.v2.task/moby/abc/log.json: no such file"
                  + " or directory): runc did not terminate successfully: exit status 127: unknown",
              "failed to create task for container: container abc: already exists",
              "failed to create task for container: failed to create shim: id already in use",
              "error creating overlay mount to /var/lib/docker/overlay2/abc/merged: invalid"
                  + " superblock",
              "open /var/lib/docker/overlay2/abc/link: input/output error",
              "open /var/lib/docker/containers/abc/.tmp-config.v2.json: read-only file system",
              "mkdirat /var/lib/docker/overlay2/abc: structure needs cleaning",
              "layer does not exist",
              "RWLayer of container abc is unexpectedly nil"),
          Blame.UNKNOWN,
          List.of(
              "something new went wrong",
              "HTTP status 500",
              "context deadline exceeded",
              "context canceled",
              "cannot start a stopped process: unknown",
              "OCI runtime start failed: cannot start a container that has stopped",
              "crun: open executable: Permission denied: OCI permission denied",
              "conmon failed: exit status 1",
              "fork/exec /proc/self/exe: no such file or directory",
              "mount callback failed on /var/lib/containerd/tmpmounts/containerd-mount123: no users"
                  + " found",
              "failed to register layer: rename"
                  + " /var/lib/docker/image/overlay2/layerdb/tmp/write-set-1: file exists",
              "operation not permitted",
              ""));

  static Stream<Arguments> said() {
    return SAID.entrySet().stream()
        .flatMap(e -> e.getValue().stream().map(words -> Arguments.of(e.getKey(), words)));
  }

  @ParameterizedTest
  @MethodSource("said")
  void whose_fault_it_is(Blame blame, String words) {
    assertThat(EngineWords.blame(words)).isEqualTo(blame);
  }

  @Test
  void every_kind_of_blame_has_its_words() {
    assertThat(SAID.keySet()).containsExactlyInAnyOrder(Blame.values());
  }

  /// Names and paths of the engine's parts, where a user can write them.
  @ParameterizedTest
  @MethodSource("typed")
  void what_a_user_can_type_never_blames_the_engine(String words) {
    assertThat(EngineWords.blame(words)).isNotEqualTo(Blame.ENGINE);
  }

  /// Services and volumes may be called so.
  @ParameterizedTest
  @ValueSource(strings = {"graphdriver", "rwlayer", "overlay2", "snapshots", "layers", "mount-id"})
  void nor_does_a_name(String name) {
    for (var words :
        List.of(
            "driver failed programming external connectivity on endpoint p-%s-1 (abc): new words",
            "failed to set up container networking for container p-%s-1: new words",
            "error in volume p_%s: new words: input/output error",
            "image reg/%s:1 has new words: read-only file system")) {
      assertThat(EngineWords.blame(words.formatted(name))).isEqualTo(Blame.UNKNOWN);
    }
  }

  static Stream<String> typed() {
    return Stream.of(
            "containerd.sock",
            "containerd-shim-runc-v2",
            "graphdriver",
            "ttrpc: closed",
            "code = unavailable",
            "runc did not terminate",
            "/var/lib/docker/overlay2/x")
        .flatMap(typed ->
            Stream.of(
                "invalid mount config for type \"bind\": bind source path does not exist: " + typed,
                "error while creating mount source path '%s': mkdir %s: read-only file system"
                    .formatted(typed, typed),
                "OCI runtime create failed: unable to start container process: exec: \""
                    + typed
                    + "\"",
                "No such image: " + typed,
                "invalid reference format: " + typed,
                "logger: no log driver named '" + typed + "' is registered",
                "failed to initialize logging driver: dial unix " + typed + ": connection refused",
                "unable to find user " + typed + ": no matching entries in passwd file",
                "network " + typed + " not found",
                "plugin \"" + typed + "\" not found",
                "unknown or invalid runtime name: " + typed,
                "error looking up volume plugin " + typed + ": not found",
                "the container name \"/" + typed + "\" is already in use"));
  }
}
