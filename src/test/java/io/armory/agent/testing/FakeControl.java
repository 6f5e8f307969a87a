package io.armory.agent.testing;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Evidence;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.LogRange;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Parameters.Parameter;
import io.armory.agent.domain.RevisionEntry;
import io.armory.agent.domain.Secret;
import io.armory.agent.domain.report.HealthReport;
import io.armory.agent.port.Control;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.function.Function;

/// An agent that remembers what it was asked, and answers what it is told to.
public final class FakeControl implements Control {
  /// Made when it is asked for: one older than some seconds is that of an agent that is stuck.
  public volatile Function<Instant, HealthReport> report = Reports::ready;

  public volatile String compose = "name: spinnaker\n";
  public volatile CompletableFuture<Outcome<String>> next =
      CompletableFuture.completedFuture(Outcome.done("done"));

  /// So many more lines of progress than usual.
  public volatile int progress;

  public final List<String> asked = new CopyOnWriteArrayList<>();
  public final BlockingQueue<Followed> followed = new LinkedBlockingQueue<>();
  public final List<Evidence> failures = new CopyOnWriteArrayList<>();
  public final List<RevisionEntry> revisions = new CopyOnWriteArrayList<>();
  public final List<AgentEvent> history = new CopyOnWriteArrayList<>();

  @Override
  public List<Evidence> failures(String service) {
    return failures.stream().filter(e -> service.isEmpty() || e.service().equals(service)).toList();
  }

  @Override
  public HealthReport report() {
    return report.apply(Instant.now());
  }

  @Override
  public Parameters parameters() {
    return new Parameters(
        Map.of(
            "REDIS_PASSWORD",
            new Parameter(
                "REDIS_PASSWORD", new Parameters.Hidden(new Secret("hunter2")), "ssm /a/b v3")),
        Map.of(
            "gate-local.yml",
            new Parameter("gate-local.yml", new Parameters.Plain("pw: hunter2"), "ssm /a/c v1")),
        Map.of(
            "role", new Parameter("role", new Parameters.Plain("ha"), "/etc/env/default.env:4")));
  }

  @Override
  public String renderedCompose() {
    return compose;
  }

  private CompletableFuture<Outcome<String>> answer(String call) {
    asked.add(call);
    return next;
  }

  @Override
  public CompletableFuture<Outcome<String>> sync(SyncRequest request, Consumer<String> progress) {
    progress.accept("reading parameters");
    progress.accept("rolling out \"3f2a91c\"");
    for (var i = 0; i < this.progress; i++) {
      progress.accept("gate: pulling, layer " + i);
    }
    return answer("sync " + request);
  }

  @Override
  public CompletableFuture<Outcome<String>> restore(
      RestoreRequest request, Consumer<String> progress) {
    return answer("restore " + request);
  }

  @Override
  public CompletableFuture<Outcome<String>> backedUp(String address, String by) {
    return answer("backed up to " + address + " by " + by);
  }

  @Override
  public CompletableFuture<Outcome<String>> rollback(
      RollbackRequest request, Consumer<String> progress) {
    return answer("rollback " + request);
  }

  @Override
  public CompletableFuture<Outcome<String>> approve(
      ApproveRequest request, Consumer<String> progress) {
    return answer("approve " + request);
  }

  @Override
  public CompletableFuture<Outcome<String>> stop(
      List<String> services, String by, Consumer<String> progress) {
    return answer("stop [" + String.join(" ", services) + "] by " + by);
  }

  @Override
  public CompletableFuture<Outcome<String>> start(
      List<String> services, String by, Consumer<String> progress) {
    return answer("start [" + String.join(" ", services) + "] by " + by);
  }

  @Override
  public CompletableFuture<Outcome<String>> restart(
      List<String> services, String by, Consumer<String> progress) {
    return answer("restart [" + String.join(" ", services) + "] by " + by);
  }

  @Override
  public CompletableFuture<Outcome<String>> pull(Consumer<String> progress) {
    progress.accept("gate: 3 of 7 layers, 41 %");
    return answer("pull");
  }

  @Override
  public CompletableFuture<Outcome<String>> maintenance(
      Duration duration, String reason, boolean standby, String by) {
    return answer(
        "maintenance "
            + duration
            + " ["
            + reason
            + "]"
            + (standby ? " standby" : "")
            + " by "
            + by);
  }

  @Override
  public CompletableFuture<Outcome<String>> drain(
      Duration timeout, String by, Consumer<String> progress) {
    return answer("drain " + timeout + " by " + by);
  }

  @Override
  public List<RevisionEntry> history() {
    return revisions;
  }

  @Override
  public List<AgentEvent> events(Instant since, int limit) {
    var all = history.stream().filter(e -> !e.at().isBefore(since)).toList();
    return all.subList(Math.max(0, all.size() - limit), all.size());
  }

  @Override
  public CompletableFuture<Outcome<List<LogLine>>> logs(String service, LogRange range) {
    asked.add(
        "logs "
            + service
            + " "
            + range.lines()
            + " since "
            + range.since()
            + (range.isOpen() ? "" : " until " + range.until()));
    return CompletableFuture.completedFuture(
        service.equals("nosuch")
            ? Outcome.failed(Failure.Kind.INVALID, "no service nosuch")
            : Outcome.done(
                List.of(
                    new LogLine(Instant.EPOCH, service + " line 1"),
                    new LogLine(Instant.EPOCH, service + " line \033[31m2"))));
  }

  @Override
  public CompletableFuture<Outcome<Following>> follow(
      String service, LogRange range, LogReader reader) {
    asked.add("follow [" + service + "] " + range.lines() + " since " + range.since());
    if (service.equals("nosuch")) {
      return CompletableFuture.completedFuture(
          Outcome.failed(Failure.Kind.NOT_FOUND, "no service nosuch"));
    }
    var following = new Followed(reader);
    followed.add(following);
    return CompletableFuture.completedFuture(Outcome.done(following));
  }

  /// What somebody follows, as the agent sees it.
  public record Followed(LogReader reader, CountDownLatch closed) implements Following {
    Followed(LogReader reader) {
      this(reader, new CountDownLatch(1));
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }
}
