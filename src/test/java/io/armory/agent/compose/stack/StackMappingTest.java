package io.armory.agent.compose.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.compose.ComposeResult;
import io.armory.agent.compose.Loading;
import io.armory.agent.domain.stack.ContainerSpec;
import io.armory.agent.domain.stack.ContainerSpec.RestartPolicy;
import io.armory.agent.domain.stack.Networking;
import io.armory.agent.domain.stack.Networking.Attachment;
import io.armory.agent.domain.stack.Networking.PortBinding;
import io.armory.agent.domain.stack.Resources;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Storage;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StackMappingTest {
  private static final String A = "services:\n  a:\n    image: i\n";

  private static Service with(String attributes) {
    return Loading.service(A + attributes.indent(4));
  }

  private static ContainerSpec container(String attributes) {
    return with(attributes).container();
  }

  @Test
  void what_is_not_said_is_left_to_the_image_and_the_engine() {
    Service service = with("");
    ContainerSpec.Command command = service.container().command();
    assertThat(command.entrypoint()).isNull();
    assertThat(command.command()).isNull();
    assertThat(command.init()).isNull();
    assertThat(service.container().healthcheck()).isNull();
    assertThat(service.container().logging()).isNull();
    assertThat(service.container().restart()).isEqualTo(RestartPolicy.NO);
    assertThat(service.replicas()).isEqualTo(1);
    assertThat(service.stopGracePeriod()).isEqualTo(Duration.ofSeconds(10));
    assertThat(service.pullPolicy()).isEqualTo(Service.PullPolicy.Plain.MISSING);
    assertThat(service.probe()).isEmpty();
    assertThat(service.container().resources().memory()).isNull();
  }

  @Test
  void commands_and_process() {
    ContainerSpec.Command command =
        container(
                """
                command: run --a "b c"
                entrypoint: []
                environment: {A: 1, B: }
                user: "1000:1000"
                working_dir: /w
                tty: true
                stdin_open: true
                init: false
                stop_signal: SIGINT
                """)
            .command();
    assertThat(command.command()).containsExactly("run", "--a", "b c");
    assertThat(command.entrypoint()).isEmpty();
    assertThat(command.environment()).containsEntry("A", "1").containsEntry("B", null);
    assertThat(command.user()).isEqualTo("1000:1000");
    assertThat(command.workingDir()).isEqualTo("/w");
    assertThat(command.tty()).isTrue();
    assertThat(command.stdinOpen()).isTrue();
    assertThat(command.init()).isFalse();
    assertThat(command.stopSignal()).isEqualTo("SIGINT");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "restart: \"no\"|no|0",
        "restart: on-failure:5|on-failure|5",
        "restart: unless-stopped|unless-stopped|0",
        "deploy: {restart_policy: {condition: on-failure, max_attempts: 3}}|on-failure|3",
        "deploy: {restart_policy: {condition: none}}|no|0",
        "deploy: {restart_policy: {condition: any, max_attempts: 3}}|always|0",
        "deploy: {restart_policy: {}}|always|0",
      })
  void restart_policies(String attribute, String name, int retries) {
    assertThat(container(attribute).restart()).isEqualTo(new RestartPolicy(name, retries));
  }

  @Test
  void the_primary_network_has_the_highest_priority_then_the_first_name() {
    String yaml =
        A
            + "    networks: {z: {priority: 10, aliases: [x]}, b: , c: {ipv4_address: 10.0.0.2}}\n"
            + "networks: {z: , b: , c: {name: real, driver: bridge, internal: true,"
            + " ipam: {config: [{subnet: 10.0.0.0/24, gateway: 10.0.0.1}]}}}\n";
    Networking networking = Loading.service(yaml).container().networking();
    assertThat(networking.mode()).isEqualTo(Networking.Mode.PROJECT);
    assertThat(networking.attachments())
        .extracting(Attachment::network)
        .containsExactly("z", "b", "c");
    assertThat(networking.attachments().getFirst().aliases()).containsExactly("x");
    var network = Objects.requireNonNull(Loading.loaded(yaml).stack().networks().get("c"));
    assertThat(network.name()).isEqualTo("real");
    assertThat(network.internal()).isTrue();
    assertThat(Objects.requireNonNull(network.ipam()).pools().getFirst().gateway())
        .isEqualTo("10.0.0.1");
    assertThat(Objects.requireNonNull(Loading.loaded(yaml).stack().networks().get("b")).name())
        .isEqualTo("p_b");
  }

  @Test
  void ports_names_and_hosts() {
    Networking networking =
        container(
                """
                ports: ["8000-8001:80-81", "127.0.0.1::53/udp", "9000-9010:90"]
                expose: [8080]
                extra_hosts: ["h=::1", "g:1.2.3.4"]
                dns: 1.1.1.1
                dns_opt: ["ndots:1"]
                dns_search: [a, b]
                mac_address: 02:42:ac:11:65:43
                """)
            .networking();
    assertThat(networking.ports())
        .containsExactly(
            new PortBinding(null, "8000", 80, "tcp"),
            new PortBinding(null, "8001", 81, "tcp"),
            new PortBinding("127.0.0.1", null, 53, "udp"),
            new PortBinding(null, "9000-9010", 90, "tcp"));
    assertThat(networking.expose()).containsExactly("8080");
    assertThat(networking.extraHosts()).containsExactly("g:1.2.3.4", "h:::1");
    assertThat(networking.dns()).containsExactly("1.1.1.1");
    assertThat(networking.dnsSearch()).containsExactly("a", "b");
    assertThat(networking.macAddress()).isEqualTo("02:42:ac:11:65:43");
  }

  @Test
  void shared_namespaces_and_links_bring_dependencies() {
    Service service =
        Loading.service(
            A
                + "    network_mode: service:b\n    ipc: service:c\n    links: [d]\n"
                + "    depends_on: {e: {condition: service_completed_successfully}}\n"
                + "  b: {image: i}\n  c: {image: i}\n  d: {image: i}\n  e: {image: i}\n");
    assertThat(service.container().networking().mode())
        .isEqualTo(new Networking.Mode.OfService("b"));
    Service.Dependency restarting = new Service.Dependency(Service.Condition.STARTED, true, true);
    assertThat(service.dependsOn())
        .containsOnly(
            Map.entry("b", restarting),
            Map.entry("c", restarting),
            Map.entry("d", restarting),
            Map.entry(
                "e",
                new Service.Dependency(Service.Condition.COMPLETED_SUCCESSFULLY, false, true)));
  }

  @Test
  void mounts() {
    String attributes =
        """
        volumes:
          - ./x:/x:ro,z
          - vol:/v
          - /anon
          - {type: tmpfs, target: /t, tmpfs: {size: 1m, mode: 01777}}
          - {type: volume, source: vol, target: /s, volume: {nocopy: true, subpath: d}}
        tmpfs: /run:size=1m
        """;
    String yaml = A + attributes.indent(4) + "volumes: {vol: {driver: local}}\n";
    List<Storage.Mount> mounts = Loading.service(yaml).container().storage().mounts();
    assertThat(mounts)
        .containsExactly(
            new Storage.Bind("/p/x", "/x", true, true, null, "z", null),
            new Storage.VolumeMount("vol", "/v", false, false, null, Map.of()),
            new Storage.VolumeMount(null, "/anon", false, false, null, Map.of()),
            new Storage.Tmpfs("/t", 1024L * 1024, 01777, ""),
            new Storage.VolumeMount("vol", "/s", false, true, "d", Map.of()),
            new Storage.Tmpfs("/run", null, null, "size=1m"));
  }

  @Test
  void limits_come_from_the_service_or_from_deploy() {
    Resources own = container("cpus: 0.3\nmem_limit: 1g\npids_limit: 5\nshm_size: 1k").resources();
    assertThat(own.cpus()).isEqualTo(0.3);
    assertThat(own.memory()).isEqualTo(1L << 30);
    assertThat(own.pids()).isEqualTo(5);
    assertThat(own.shmSize()).isEqualTo(1024);
    Resources declared =
        container(
                "deploy: {resources: {limits: {cpus: '0.3', memory: 1g, pids: 5}, reservations:"
                    + " {memory: 1m, devices: [{capabilities: [gpu], count: 2}]}}}")
            .resources();
    assertThat(declared.cpus()).isEqualTo(0.3);
    assertThat(declared.memory()).isEqualTo(1L << 30);
    assertThat(declared.pids()).isEqualTo(5);
    assertThat(declared.memoryReservation()).isEqualTo(1L << 20);
    assertThat(declared.deviceRequests())
        .containsExactly(
            new Resources.DeviceRequest("", 2, List.of(), List.of(List.of("gpu")), Map.of()));
  }

  @Test
  void devices_ulimits_and_block_io() {
    Resources resources =
        container(
                """
                ulimits: {nofile: {soft: 1, hard: 2}, nproc: 3}
                devices: ["/dev/a:/dev/b:r"]
                gpus: all
                memswap_limit: -1
                cpu_shares: 512
                blkio_config: {weight: 300, device_read_bps: [{path: /dev/sda, rate: 1m}]}
                """)
            .resources();
    assertThat(resources.ulimits())
        .containsEntry("nofile", new Resources.Ulimit(1, 2))
        .containsEntry("nproc", new Resources.Ulimit(3, 3));
    assertThat(resources.devices()).containsExactly(new Resources.Device("/dev/a", "/dev/b", "r"));
    assertThat(resources.deviceRequests().getFirst().count()).isEqualTo(-1);
    assertThat(resources.memorySwap()).isEqualTo(-1);
    assertThat(Objects.requireNonNull(resources.cpu()).shares()).isEqualTo(512);
    assertThat(Objects.requireNonNull(resources.blkio()).readBps())
        .containsExactly(new Resources.ThrottleDevice("/dev/sda", 1L << 20));
  }

  @Test
  void healthchecks() {
    ContainerSpec.Healthcheck health =
        Objects.requireNonNull(
            container("healthcheck: {test: x, interval: 1m30s, retries: 5}").healthcheck());
    assertThat(health.test()).containsExactly("CMD-SHELL", "x");
    assertThat(health.interval()).isEqualTo(Duration.ofSeconds(90));
    assertThat(health.retries()).isEqualTo(5);
    assertThat(health.timeout()).isNull();
    for (String disabled : List.of("{disable: true}", "{test: [NONE]}")) {
      assertThat(
              Objects.requireNonNull(container("healthcheck: " + disabled).healthcheck())
                  .disabled())
          .isTrue();
    }
  }

  @Test
  void configs_and_secrets_become_files_of_the_node() {
    String yaml =
        A
            + "    configs: [c, {source: d, target: etc/d, mode: 0440, uid: '5'}]\n"
            + "    secrets: [s, {source: t, target: tt}]\n"
            + "configs: {c: {content: \"v=$X\"}, d: {file: d.txt}}\n"
            + "secrets: {s: {environment: X}, t: {file: /abs/t}}\n";
    ComposeResult.Loaded loaded =
        Loading.loaded(
            Loading.load(
                Map.of(Loading.FILE, yaml, "/p/d.txt", "d", "/abs/t", "t"), Map.of("X", "hidden")));
    List<Storage.FileMount> mounts =
        Loading.service(loaded, "a").container().storage().mounts().stream()
            .map(Storage.FileMount.class::cast)
            .toList();
    assertThat(mounts)
        .extracting(Storage.FileMount::target)
        .containsExactly("/c", "/etc/d", "/run/secrets/s", "/run/secrets/tt");
    assertThat(mounts.get(1).hostPath()).isEqualTo("/p/d.txt");
    assertThat(mounts.get(1).mode()).isEqualTo(0440);
    assertThat(mounts.get(3).hostPath()).isEqualTo("/abs/t");
    assertThat(loaded.files())
        .extracting(f -> new String(f.content().bytes(), java.nio.charset.StandardCharsets.UTF_8))
        .containsExactly("v=hidden", "hidden");
    assertThat(loaded.files().getFirst().path())
        .startsWith("/run/armory-agent/files/p/configs/c.")
        .isEqualTo(mounts.getFirst().hostPath());
  }

  @Test
  void a_seccomp_profile_is_read() {
    String yaml = A + "    security_opt: [\"seccomp:prof.json\", \"no-new-privileges:true\"]\n";
    ComposeResult result =
        Loading.load(Map.of(Loading.FILE, yaml, "/p/prof.json", "{}\n"), Map.of());
    assertThat(Loading.service(Loading.loaded(result), "a").container().security().securityOpt())
        .isEqualTo(Arrays.asList("seccomp={}", "no-new-privileges=true"));
    assertThat(Loading.loaded(yaml).warnings()).singleElement().asString().contains("/p/prof.json");
  }

  @Test
  void labels_of_the_project_know_its_files() {
    assertThat(Loading.loaded(A).stack().workingDir()).isEqualTo("/p");
    assertThat(Loading.loaded(A).stack().configFiles()).containsExactly(Loading.FILE);
  }
}
