package io.armory.agent.compose.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.compose.Loading;
import io.armory.agent.domain.stack.Networking;
import io.armory.agent.domain.stack.Service;
import io.armory.agent.domain.stack.Service.Condition;
import io.armory.agent.domain.stack.Service.Dependency;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class PreStartTest {
  private static final String YAML =
      """
      services:
        db: {image: db}
        app:
          image: app
          user: "1000"
          environment: {A: "1", B: "2"}
          volumes: [data:/data]
          ports: ["80:80"]
          networks: {front: {aliases: [www], ipv4_address: 10.1.1.7}}
          privileged: false
          restart: always
          healthcheck: {test: [CMD, ok]}
          depends_on: [db]
          pre_start:
            - command: chown -R 1000 /data
              image: busybox
              user: root
              privileged: true
              environment: [B=3]
            - command: [migrate, up]
              working_dir: /srv%s
      networks: {front: {ipam: {config: [{subnet: 10.1.1.0/24}]}}}
      volumes: {data: }
      """;

  private static Service service(String yaml, String name) {
    return Objects.requireNonNull(Loading.loaded(yaml).stack().services().get(name), name);
  }

  private static Service first() {
    return service(YAML.formatted(""), "app-pre-start-1");
  }

  private static Service second() {
    return service(YAML.formatted(""), "app-pre-start-2");
  }

  @Test
  void they_run_in_order_between_what_the_service_needs_and_it() {
    var started = new Dependency(Condition.STARTED, false, true);
    var done = new Dependency(Condition.COMPLETED_SUCCESSFULLY, false, true);
    assertThat(first().dependsOn()).containsExactly(java.util.Map.entry("db", started));
    assertThat(second().dependsOn())
        .containsOnly(
            java.util.Map.entry("db", started), java.util.Map.entry("app-pre-start-1", done));
    assertThat(service(YAML.formatted(""), "app").dependsOn())
        .containsEntry("app-pre-start-2", done)
        .containsEntry("app-pre-start-1", done)
        .containsEntry("db", started);
  }

  @Test
  void each_has_its_own_command_and_image_and_the_services_mounts_and_environment() {
    var own = first().container();
    assertThat(own.image()).isEqualTo("busybox");
    assertThat(own.command().command()).isEqualTo(List.of("chown", "-R", "1000", "/data"));
    assertThat(own.command().user()).isEqualTo("root");
    assertThat(own.command().environment()).containsEntry("A", "1").containsEntry("B", "3");
    assertThat(own.security().privileged()).isTrue();
    assertThat(own.storage()).isEqualTo(service(YAML.formatted(""), "app").container().storage());
    var other = second().container();
    assertThat(other.image()).isEqualTo("app");
    assertThat(other.command().user()).isNull();
    assertThat(other.command().workingDir()).isEqualTo("/srv");
    assertThat(other.security().privileged()).isFalse();
  }

  @Test
  void none_has_what_is_the_services_alone() {
    var networking = first().container().networking();
    assertThat(networking.ports()).isEmpty();
    assertThat(networking.attachments())
        .singleElement()
        .isEqualTo(
            new Networking.Attachment(
                "front", List.of(), null, null, List.of(), null, 0, java.util.Map.of()));
    assertThat(first().container().restart().name()).isEqualTo("no");
    assertThat(first().container().healthcheck())
        .satisfies(h -> assertThat(Objects.requireNonNull(h).disabled()).isTrue());
  }

  @Test
  void they_are_run_again_for_another_service_or_command() {
    assertThat(
            service(YAML.formatted("\n    stop_signal: SIGINT"), "app-pre-start-2")
                .definitionHash())
        .isNotEqualTo(second().definitionHash());
    assertThat(
            service(YAML.formatted("").replace("image: app", "image: app2"), "app-pre-start-1")
                .definitionHash())
        .isNotEqualTo(first().definitionHash());
    assertThat(first().definitionHash()).isNotEqualTo(second().definitionHash());
  }

  @Test
  void a_name_that_is_taken_is_not_taken_again() {
    var yaml =
        """
        services:
          a-pre-start-1: {image: i}
          a: {image: i, pre_start: [{command: x}]}
        """;
    assertThat(Loading.loaded(yaml).stack().services())
        .containsOnlyKeys("a-pre-start-1", "a-pre-start-1-own", "a");
  }

  @Test
  void one_for_each_container_is_refused() {
    assertThat(
            Loading.problems(
                "services: {a: {image: i, pre_start: [{command: x, per_replica: true}]}}"))
        .singleElement()
        .asString()
        .contains("services.a.pre_start[0].per_replica", "once for the service");
  }
}
