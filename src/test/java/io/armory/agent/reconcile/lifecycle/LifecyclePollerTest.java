package io.armory.agent.reconcile.lifecycle;

import static io.armory.agent.reconcile.TestStacks.revision;
import static io.armory.agent.reconcile.TestStacks.service;
import static org.assertj.core.api.Assertions.assertThat;

import io.armory.agent.domain.Drain.Step;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.ScheduledEvent;
import io.armory.agent.domain.report.HealthReport.Phase;
import io.armory.agent.domain.stack.Action;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.Lifecycle.GroupHealth;
import io.armory.agent.port.Lifecycle.Notices;
import io.armory.agent.port.Lifecycle.SpotNotice;
import io.armory.agent.reconcile.FakeLifecycle;
import io.armory.agent.reconcile.Rig;
import io.armory.agent.reconcile.TurnedClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
class LifecyclePollerTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  private final Rig rig = new Rig(LONG);
  private final FakeLifecycle ec2 = new FakeLifecycle();
  private volatile Instant booted = Instant.EPOCH;
  private LifecyclePoller watch = watch(true, Duration.ZERO);

  @BeforeEach
  void images() {
    for (var s : List.of("redis", "orca")) {
      rig.engine.image("image/" + s + ":1");
    }
    rig.give(stack());
  }

  @AfterEach
  void down() {
    watch.close();
    rig.close();
  }

  private static Revision stack() {
    return revision("r1", service("redis", "1", List.of()), service("orca", "1", List.of("redis")));
  }

  private LifecyclePoller watch(boolean reports, Duration grace) {
    return new LifecyclePoller(
        rig.loop,
        rig.parts,
        rig.drainer,
        ec2,
        new LifecycleSettings(Duration.ofMillis(50), LONG, true, reports, grace, () -> booted));
  }

  private void start() {
    rig.loop.start();
    rig.drainer.start();
    watch.start();
  }

  private void startReady() {
    start();
    rig.awaitSteady();
  }

  @Test
  void the_launch_hook_is_kept_waiting_and_continued_once_ready() {
    rig.sick.add("orca");
    ec2.target("InService", "Pending:Wait");
    start();
    rig.until(() -> ec2.told.contains("heartbeat launch"));
    assertThat(ec2.told).doesNotContain("CONTINUE launch", "ABANDON launch");
    rig.sick.clear();
    rig.until(() -> ec2.told.contains("CONTINUE launch"));
    assertThat(ec2.told).doesNotContain("heartbeat end", "CONTINUE end");
  }

  @Test
  void a_first_start_that_failed_for_good_abandons_the_launch() {
    watch.close();
    rig.restart(Duration.ofSeconds(1));
    watch = watch(true, Duration.ZERO);
    rig.sick.add("orca");
    ec2.target("InService", "Pending:Wait");
    watch.start();
    rig.until(() -> ec2.told.contains("ABANDON launch"));
  }

  @Test
  void a_termination_hook_is_completed_only_after_the_work_has_ended() {
    startReady();
    rig.workload.tasks.set(1);
    ec2.heartbeat = Duration.ofSeconds(2);
    ec2.target("Terminated", "Terminating:Wait");
    rig.until(() -> ec2.told.stream().filter("heartbeat end"::equals).count() >= 2);
    assertThat(ec2.told).doesNotContain("CONTINUE end");
    assertThat(rig.isReady()).isFalse();
    rig.workload.tasks.set(0);
    rig.until(() -> ec2.told.contains("CONTINUE end"));
    assertThat(rig.engine.containers()).noneMatch(c -> c.running());
  }

  @Test
  void an_agent_restarted_in_mid_drain_completes_the_hook() {
    startReady();
    rig.workload.tasks.set(1);
    ec2.target("Terminated", "Terminating:Wait");
    rig.until(() -> step().equals(Optional.of(Step.WAITING)));
    watch.close();
    rig.restart(LONG);
    watch = watch(true, Duration.ZERO);
    watch.start();
    rig.workload.tasks.set(0);
    rig.until(() -> ec2.told.contains("CONTINUE end"));
  }

  @Test
  void a_spot_notice_ends_all_work_in_time_for_its_deadline() {
    startReady();
    var clock = turnClock();
    rig.workload.tasks.set(1);
    var end = clock.instant().plusSeconds(120);
    ec2.notices =
        Outcome.done(
            new Notices(
                Optional.of("InService"),
                Optional.of(new SpotNotice("terminate", end)),
                Optional.empty()));
    rig.until(() -> step().equals(Optional.of(Step.WAITING)));
    // Up to where nothing but the time for stopping is left.
    clock.turn(Duration.ofSeconds(60));
    rig.until(() -> step().equals(Optional.of(Step.STOPPED)));
    assertThat(rig.events)
        .filteredOn(e -> e.what().equals("drained"))
        .singleElement()
        .satisfies(e -> assertThat(e.at()).isBefore(end.minus(Ec2Notices.BEFORE_SPOT)));
    assertThat(rig.report().lifecycle().drain().orElseThrow().forced()).isTrue();
  }

  @Test
  void a_rebalance_recommendation_drains_until_an_operator_overrules_it() {
    startReady();
    ec2.notices =
        Outcome.done(
            new Notices(Optional.of("InService"), Optional.empty(), Optional.of(rig.now())));
    rig.until(() -> step().equals(Optional.of(Step.STOPPED)));
    assertThat(rig.answer(rig.desk.start("", "bob"))).isInstanceOf(Outcome.Done.class);
    rig.until(rig::isReady);
    assertThat(step()).isEmpty();
  }

  /// This node's stack has no shared Redis: it serves alone.
  @Test
  void a_scheduled_reboot_drains_ahead_of_its_time_and_the_node_serves_after_it() {
    startReady();
    var clock = turnClock();
    var at = clock.instant().plus(Duration.ofHours(2));
    calendar(event("system-reboot", at));
    rig.until(() -> !rig.report().lifecycle().scheduled().isEmpty());
    assertThat(rig.report().lifecycle().notices())
        .singleElement()
        .asString()
        .contains("EC2 will reboot this instance at or after " + at, "serves again");
    clock.turn(Duration.ofMinutes(114));
    rig.during(Duration.ofMillis(300), () -> step().isEmpty() && rig.isReady());
    clock.turn(Duration.ofMinutes(2));
    rig.until(() -> step().equals(Optional.of(Step.STOPPED)));
    assertThat(rig.report().ready().reason()).contains("EC2 will reboot this instance");
    assertThat(rig.events)
        .anyMatch(e -> e.kind().equals("lifecycle") && e.what().contains("system-reboot"));

    // EC2's calendar shows it still when the instance has booted.
    booted = at.plusSeconds(60);
    clock.turn(Duration.ofMinutes(6));
    rig.until(rig::isReady);
    assertThat(step()).isEmpty();
    assertThat(rig.report().lifecycle().scheduled()).isEmpty();
  }

  @Test
  void a_scheduled_event_that_is_cancelled_or_overruled_is_no_reason_to_drain() {
    startReady();
    var at = rig.now().plusSeconds(200);
    calendar(event("instance-retirement", at));
    rig.until(() -> step().equals(Optional.of(Step.STOPPED)));
    calendar();
    rig.until(() -> step().isEmpty() && rig.isReady());
    calendar(event("instance-retirement", at));
    rig.until(() -> step().equals(Optional.of(Step.STOPPED)));
    assertThat(rig.answer(rig.desk.start("", "bob"))).isInstanceOf(Outcome.Done.class);
    rig.until(rig::isReady);
    rig.during(Duration.ofMillis(300), () -> step().isEmpty());
  }

  @Test
  void a_drain_for_the_calendar_outlives_the_agent() {
    startReady();
    calendar(event("instance-stop", rig.now().plusSeconds(200)));
    rig.until(() -> step().equals(Optional.of(Step.STOPPED)));
    watch.close();
    rig.restart(LONG);
    watch = watch(true, Duration.ZERO);
    watch.start();
    rig.during(Duration.ofMillis(500), () -> step().isPresent());
    assertThat(rig.engine.containers()).noneMatch(c -> c.running());
  }

  private static ScheduledEvent event(String code, Instant at) {
    return new ScheduledEvent("instance-event-1", code, "scheduled", at, Optional.empty());
  }

  private void calendar(ScheduledEvent... events) {
    ec2.notices =
        Outcome.done(
            new Notices(
                Optional.of("InService"), Optional.empty(), Optional.empty(), List.of(events)));
  }

  @Test
  void in_the_warm_pool_nothing_runs_and_out_of_it_everything_does() {
    ec2.target("Warmed:Stopped", "Warmed:Pending:Wait");
    start();
    rig.until(() -> ec2.told.contains("CONTINUE launch"));
    assertThat(rig.engine.containers()).noneMatch(c -> c.running());
    ec2.told.clear();
    ec2.target("InService", "Pending:Wait");
    rig.until(() -> ec2.told.contains("CONTINUE launch"));
    assertThat(rig.isReady()).isTrue();
  }

  @Test
  void a_warm_instance_that_has_its_images_needs_no_registry() {
    var away = new Failure(Failure.Kind.UNREACHABLE, "the registry is away");
    rig.engine.failNext(Integer.MAX_VALUE, Action.PullImage.class::isInstance, away);
    ec2.target("Warmed:Stopped", "Warmed:Pending:Wait");
    start();
    rig.until(() -> ec2.told.contains("CONTINUE launch"));
  }

  @Test
  void metadata_out_of_reach_is_neither_a_drain_nor_the_end_of_one() {
    startReady();
    ec2.notices = failed();
    rig.during(Duration.ofMillis(500), () -> step().isEmpty() && rig.isReady());
    rig.workload.tasks.set(1);
    ec2.target("Terminated", "Terminating:Wait");
    rig.until(() -> step().equals(Optional.of(Step.WAITING)));
    ec2.notices = failed();
    rig.during(Duration.ofMillis(500), () -> step().isPresent());
  }

  private static Outcome<Notices> failed() {
    return Outcome.failed(Failure.Kind.UNREACHABLE, "IMDS does not answer");
  }

  @Test
  void an_engine_broken_for_the_window_is_reported_once() {
    startReady();
    var clock = turnClock();
    rig.engine.unavailable("no answer");
    rig.until(() -> rig.report().phase() == Phase.BLIND);
    assertThat(ec2.told).doesNotContain("unhealthy");
    clock.turn(Duration.ofMinutes(16));
    rig.until(() -> rig.report().replace().reason().contains("no service is known to be down"));
    assertThat(ec2.told).as("all that runs serves").doesNotContain("unhealthy");
    rig.sick.add("orca");
    rig.until(() -> ec2.told.contains("unhealthy"));
    clock.turn(Duration.ofMinutes(5));
    rig.during(Duration.ofMillis(500), () -> unhealthy() == 1);
  }

  @Test
  void in_an_hour_of_maintenance_with_everything_broken_nothing_is_reported() {
    startReady();
    var clock = turnClock();
    rig.answer(rig.desk.maintenance(Duration.ofHours(2), "disk", false, "ann"));
    rig.sick.addAll(List.of("redis", "orca"));
    rig.engine.unavailable("no answer");
    rig.until(() -> rig.report().phase() == Phase.BLIND);
    for (var minute = 0; minute < 60; minute += 4) {
      clock.turn(Duration.ofMinutes(4));
      var seen = clock.instant();
      rig.until(() -> !rig.report().at().isBefore(seen));
    }
    rig.during(Duration.ofMillis(300), () -> unhealthy() == 0);
    assertThat(rig.isReady()).isFalse();
    rig.answer(rig.desk.maintenance(Duration.ZERO, "", false, "ann"));
    rig.until(() -> unhealthy() == 1);
  }

  @Test
  void broken_services_alone_are_never_reported() {
    startReady();
    var clock = turnClock();
    rig.sick.addAll(List.of("redis", "orca"));
    rig.until(() -> !rig.isReady());
    clock.turn(Duration.ofHours(1));
    var seen = clock.instant();
    rig.until(() -> !rig.report().at().isBefore(seen));
    rig.during(Duration.ofMillis(300), () -> unhealthy() == 0);
  }

  @Test
  void who_works_on_a_node_whose_group_ends_the_unready_is_told_of_standby() {
    ec2.health = Outcome.done(new GroupHealth(List.of("EC2", "ELB"), Duration.ofMinutes(5)));
    startReady();
    rig.until(() -> rig.report().lifecycle().state().equals(Optional.of("InService")));
    assertThat(rig.report().lifecycle().notices())
        .anySatisfy(n -> assertThat(n).contains("health check type EC2,ELB"));
    assertThat(maintenance(false)).contains("--standby");
    assertThat(maintenance(true)).doesNotContain("--standby");
  }

  private String maintenance(boolean standby) {
    return rig.answer(rig.desk.maintenance(Duration.ofHours(2), "disk", standby, "ann"))
            instanceof Outcome.Done<String>(var words)
        ? words
        : "failed";
  }

  @Test
  void standby_follows_the_maintenance_and_only_its_own() {
    startReady();
    rig.answer(rig.desk.maintenance(Duration.ofHours(2), "disk", true, "ann"));
    rig.until(() -> ec2.told.contains("enter standby"));
    rig.answer(rig.desk.maintenance(Duration.ZERO, "", false, "ann"));
    rig.until(() -> ec2.told.contains("leave standby"));
    ec2.told.clear();
    ec2.target("Standby", "Standby");
    rig.until(() -> rig.report().lifecycle().state().equals(Optional.of("Standby")));
    rig.during(Duration.ofMillis(300), ec2.told::isEmpty);
  }

  private TurnedClock turnClock() {
    var clock = rig.turned();
    rig.clock = clock;
    return clock;
  }

  private long unhealthy() {
    return ec2.told.stream().filter("unhealthy"::equals).count();
  }

  private Optional<Step> step() {
    return rig.report().lifecycle().drain().map(d -> d.step());
  }
}
