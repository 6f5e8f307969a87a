package io.armory.agent.reconcile.shared;

import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.RedisAnswer;
import io.armory.agent.domain.RemoteRedis;
import io.armory.agent.domain.report.SharedReport.RedisReport;
import io.armory.agent.domain.report.SharedReport.RedisReport.State;
import io.armory.agent.plan.PlanInput;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the answers of the remote Redis add up to. One failure may be a hiccup: it holds restarts
/// back at once, and two in a row make an outage. On the loop's thread.
final class RedisState {
  private static final int OUTAGE = 2;

  private RemoteRedis redis;
  private State state = State.UNKNOWN;
  private Instant since;
  private Instant wellSince = Instant.EPOCH;
  private Instant wellAskedAt = Instant.EPOCH;
  private int failures;
  private String reason = "not asked yet";
  private @Nullable RedisAnswer answer;
  private List<String> warnings = List.of();

  RedisState(RemoteRedis redis, Instant now) {
    this.redis = redis;
    this.since = now;
  }

  RemoteRedis redis() {
    return redis;
  }

  /// The same Redis, used by others.
  RedisState of(RemoteRedis same) {
    redis = same;
    return this;
  }

  /// @param askedAt when the question was asked
  /// @return what is new about it, for the log; empty: nothing
  List<String> after(Outcome<RedisAnswer> outcome, Instant askedAt, Instant now) {
    return switch (outcome) {
      case Outcome.Done<RedisAnswer>(var a) -> well(a, askedAt, now);
      case Outcome.Failed<RedisAnswer>(var failure) -> ill(failure.message(), now);
    };
  }

  private List<String> well(RedisAnswer a, Instant askedAt, Instant now) {
    var before = state;
    var outage = Duration.between(since, now);
    if (before != State.UP) {
      wellSince = now;
    }
    become(before == State.FAILING ? State.FAILING : State.UP, now);
    state = State.UP;
    failures = 0;
    wellAskedAt = askedAt;
    answer = a;
    reason = "answers in %s ms".formatted(millis(a.latency()));
    var news = new java.util.ArrayList<String>();
    if (before == State.DOWN) {
      news.add("the remote Redis is back after %d s".formatted(outage.toSeconds()));
    }
    a.warnings().stream().filter(w -> !warnings.contains(w)).forEach(news::add);
    warnings = a.warnings();
    return news;
  }

  private List<String> ill(String why, Instant now) {
    var before = state;
    var words = reason;
    answer = null;
    reason = why;
    failures++;
    become(
        before == State.UNKNOWN || before == State.DOWN || failures >= OUTAGE
            ? State.DOWN
            : State.FAILING,
        now);
    var isNews = state == State.DOWN && (before != State.DOWN || !words.equals(why));
    return isNews ? List.of("the remote Redis is out: " + why) : List.of();
  }

  /// A hiccup does not count as an end of being up.
  private void become(State next, Instant now) {
    var ended =
        (state == State.UP || state == State.FAILING)
            != (next == State.UP || next == State.FAILING);
    state = next;
    since = ended ? now : since;
  }

  void clockSet(Duration by) {
    since = since.plus(by);
    wellSince = wellSince.plus(by);
    wellAskedAt = wellAskedAt.plus(by);
  }

  boolean isWell() {
    return state == State.UP;
  }

  /// For the planner.
  PlanInput.Shared shared() {
    return new PlanInput.Shared(
        "the remote Redis",
        redis.users(),
        isWell() ? Optional.empty() : Optional.of(reason),
        wellSince,
        wellAskedAt);
  }

  RedisReport report() {
    var known = answer;
    return new RedisReport(
        redis.address(),
        state,
        reason,
        since,
        switch (state) {
          case UNKNOWN -> "asks it before a service is started";
          case UP -> "";
          case FAILING -> "asks again at once";
          case DOWN ->
              "asks again every second; no service is started or restarted before it answers";
        },
        known == null ? null : known.latency(),
        known == null ? "" : known.version(),
        warnings);
  }

  private static String millis(Duration latency) {
    return String.format(java.util.Locale.ROOT, "%.1f", latency.toNanos() / 1e6);
  }
}
