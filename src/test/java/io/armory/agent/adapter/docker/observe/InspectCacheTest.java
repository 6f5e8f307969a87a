package io.armory.agent.adapter.docker.observe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.armory.agent.adapter.docker.http.Json;
import io.armory.agent.domain.stack.Observation;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InspectCacheTest {
  private static final String ID = "ab".repeat(32);

  @ParameterizedTest
  @CsvSource({
    "Up 5 seconds, 5",
    "Up 1 second, 1",
    "Up Less than a second, 0",
    "Up About a minute, 60",
    "Up 3 minutes (healthy), 180",
    "Up 3 minutes (health: starting), 180",
    "Up About an hour (unhealthy), 1800",
    "Up 7 hours, 3600",
    "Up 3 weeks, 3600",
    "Up 4 months (healthy), 3600",
    "Exited (0) 2 years ago, 3600",
    "Exited (x) 5 seconds ago, 0",
    "Up -5 seconds, 0",
    "Up 5 fortnights, 0",
    "Exited (137) 12 seconds ago, 12",
    "Exited (0) About a minute ago, 60",
    "Up 3 minutes (Paused), 0",
    "Restarting (1) 5 seconds ago, 0",
    "Created, 0",
    "Dead, 0",
  })
  void a_state_has_lasted_at_least_as_long_as_its_words_say(String status, long seconds) {
    assertThat(InspectCache.atLeast(status)).isEqualTo(Duration.ofSeconds(seconds));
  }

  @Test
  void what_was_started_before_the_inspection_and_looks_the_same_is_known() {
    assertThat(proved("Up 12 seconds", 5)).isNotNull();
    assertThat(proved("Up 3 minutes", 20)).isNotNull();
  }

  @Test
  void what_may_have_been_started_since_the_inspection_is_not_known() {
    assertThat(proved("Up 5 seconds", 5)).isNull();
    assertThat(proved("Up Less than a second", 0)).isNull();
    assertThat(proved("Created", 0)).isNull();
  }

  @Test
  void nothing_is_known_for_longer_than_five_minutes() {
    assertThat(proved("Up 3 hours", 301)).isNull();
  }

  @Test
  void another_name_state_or_endpoint_is_another_container() {
    var before = listed("Up 3 minutes");
    var known = new InspectCache.Known(inspected(), InspectCache.shown(before), 0);

    assertThat(proved(known, before)).isNotNull();
    assertThat(proved(known, before.deepCopy().put("State", "exited"))).isNull();
    var renamed = before.deepCopy();
    renamed.putArray("Names").add("/other");
    assertThat(proved(known, renamed)).isNull();
    var reconnected = before.deepCopy();
    reconnected.withObject("/NetworkSettings/Networks/net").put("EndpointID", "e2");
    assertThat(proved(known, reconnected)).isNull();
    assertThat(proved(null, before)).isNull();
  }

  @Test
  void health_is_what_the_list_says_now() {
    var proved = proved("Up 3 minutes (unhealthy)", 5);

    assertThat(proved).isNotNull();
    assertThat(proved.engineHealth()).isEqualTo(Observation.EngineHealth.UNHEALTHY);
  }

  private static Observation.@Nullable Container proved(String status, long secondsLater) {
    var listed = listed(status);
    var known = new InspectCache.Known(inspected(), InspectCache.shown(listed), 0);
    return InspectCache.proved(known, listed, Duration.ofSeconds(secondsLater).toNanos());
  }

  private static Observation.@Nullable Container proved(
      InspectCache.@Nullable Known known, JsonNode listed) {
    return InspectCache.proved(known, listed, Duration.ofSeconds(5).toNanos());
  }

  private static ObjectNode listed(String status) {
    var listed = Json.object().put("Id", ID).put("State", "running").put("Status", status);
    listed.putArray("Names").add("/gate-1");
    listed.withObject("/NetworkSettings/Networks/net").put("EndpointID", "e1");
    return listed;
  }

  private static Observation.Container inspected() {
    var json = Json.object().put("Id", ID).put("Name", "/gate-1");
    json.putObject("State").put("Status", "running");
    return ContainerReading.read(json);
  }
}
