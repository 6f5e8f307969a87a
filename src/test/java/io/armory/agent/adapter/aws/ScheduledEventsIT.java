package io.armory.agent.adapter.aws;

import static io.armory.agent.adapter.aws.TestNode.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.ScheduledEvent;
import io.armory.agent.port.Lifecycle.Notices;
import io.armory.agent.rig.ImdsStandIn;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The calendar as EC2 writes it into the instance metadata.
class ScheduledEventsIT {
  private static final String ITEM = "events/maintenance/scheduled";
  @AutoClose private static ImdsStandIn imds;
  @AutoClose private Announcements announcements;

  @BeforeAll
  static void start() {
    imds = new ImdsStandIn();
  }

  @BeforeEach
  void fresh() {
    imds.reset();
    announcements = new Announcements(TestNode.options(null, imds.endpoint()));
  }

  private static String entry(String code, String state) {
    return """
    {"NotBefore": "21 Jan 2027 09:00:43 GMT", "Code": "%s", "Description": "scheduled reboot",
     "EventId": "instance-event-0d59937288b749b32", "NotAfter": "1 Feb 2027 09:17:23 GMT",
     "State": "%s"}\
    """
        .formatted(code, state);
  }

  @Test
  void what_is_active_is_read_with_its_times() {
    imds.set(
        ITEM,
        "[%s, %s, %s, {\"NotBefore\": \"2 Mar 2027 00:00:00 GMT\", \"Code\": \"instance-stop\", \"EventId\": \"e2\", \"State\": \"active\"}]"
            .formatted(
                entry("system-reboot", "active"),
                entry("instance-reboot", "completed"),
                entry("instance-retirement", "canceled")));
    assertThat(value(announcements.read()).scheduled())
        .containsExactly(
            new ScheduledEvent(
                "instance-event-0d59937288b749b32",
                "system-reboot",
                "scheduled reboot",
                Instant.parse("2027-01-21T09:00:43Z"),
                Optional.of(Instant.parse("2027-02-01T09:17:23Z"))),
            new ScheduledEvent(
                "e2",
                "instance-stop",
                "",
                Instant.parse("2027-03-02T00:00:00Z"),
                Optional.empty()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "[{\"State\": \"active\"}]", "<html>", "{}", "", "[1]"})
  void what_is_no_calendar_keeps_no_other_notice_back(String body) {
    imds.set(ITEM, body);
    var notices = value(announcements.read());
    assertThat(notices.targetState()).hasValue("InService");
    assertThat(notices.scheduled()).isEmpty();
  }

  @Test
  void an_instance_without_a_calendar_has_nothing_in_it() {
    assertThat(value(announcements.read()))
        .isEqualTo(
            new Notices(Optional.of("InService"), Optional.empty(), Optional.empty(), List.of()));
  }

  @Test
  void it_is_read_once_a_minute_and_keeps_back_nothing_else_when_it_cannot_be() {
    imds.set(ITEM, "[" + entry("system-reboot", "active") + "]");
    assertThat(value(announcements.read()).scheduled()).hasSize(1);
    imds.itemFault(ITEM, 503, 99);
    assertThat(value(announcements.read()).scheduled()).hasSize(1);
    assertThat(imds.requestsFor(ITEM)).isEqualTo(1);

    var others = new Announcements(TestNode.options(null, imds.endpoint()));
    assertThat(value(others.read()).targetState()).hasValue("InService");
    assertThat(value(others.read()).scheduled()).isEmpty();
    others.close();
  }
}
