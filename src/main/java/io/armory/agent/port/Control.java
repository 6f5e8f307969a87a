package io.armory.agent.port;

import io.armory.agent.domain.AgentEvent;
import io.armory.agent.domain.Evidence;
import io.armory.agent.domain.LogLine;
import io.armory.agent.domain.LogRange;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.RevisionEntry;
import io.armory.agent.domain.report.HealthReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// What the daemon can be asked, over the control socket or in process. Questions are answered from
/// published snapshots; commands are handed to the loop and their futures end when it has done
/// them. A failed outcome's message is the one line the operator sees.
public interface Control {

  HealthReport report();

  /// The same, with what services use now. Does not wait.
  default HealthReport measured() {
    return report();
  }

  /// Whether [#measured] tells what of the processor they use: it takes two of them, a moment
  /// apart.
  default boolean knowsRates() {
    return true;
  }

  Parameters parameters();

  /// The resolved Compose file of the revision in force; empty: none yet.
  String renderedCompose();

  /// Reads all sources again, and ends when the resulting revision is healthy or was rolled back.
  ///
  /// @param progress one line at a time for the operator
  CompletableFuture<Outcome<String>> sync(SyncRequest request, Consumer<String> progress);

  /// @param removeOrphans also remove containers of the project that no service defines
  /// @param retry try the revision of the sources again although it was rejected, here or on
  ///   another node
  /// @param now do not wait for the turn among the nodes of the group
  /// @param awaitApproval wait also while what the sources give waits for approval
  /// @param dryRun only read the sources, and say what they would change
  /// @param by who asks
  record SyncRequest(
      boolean removeOrphans,
      boolean retry,
      boolean now,
      boolean awaitApproval,
      boolean dryRun,
      String by,
      Duration timeout) {
    public SyncRequest(
        boolean removeOrphans, boolean retry, boolean now, String by, Duration timeout) {
      this(removeOrphans, retry, now, false, false, by, timeout);
    }

    public SyncRequest(boolean removeOrphans, Duration timeout) {
      this(removeOrphans, false, timeout);
    }

    public SyncRequest(boolean removeOrphans, boolean retry, Duration timeout) {
      this(removeOrphans, retry, false, "", timeout);
    }
  }

  /// Goes to an earlier good revision and holds it against the sources, until [#sync] or its
  /// release; ends as [#sync] does.
  CompletableFuture<Outcome<String>> rollback(RollbackRequest request, Consumer<String> progress);

  /// @param revision its ID or the beginning of it; empty: the last good one before that in force
  /// @param release follow the sources again instead
  record RollbackRequest(Optional<String> revision, boolean release, String by, Duration timeout) {}

  /// Lets the revision begin that waits for approval; ends as [#sync] does.
  CompletableFuture<Outcome<String>> approve(ApproveRequest request, Consumer<String> progress);

  /// @param revision its ID or the beginning of it; empty: whichever waits
  record ApproveRequest(Optional<String> revision, String by, Duration timeout) {}

  /// Stops services, or all when empty, and keeps them stopped, across restarts, until [#start].
  ///
  /// @param progress one line at a time for the operator
  CompletableFuture<Outcome<String>> stop(
      List<String> services, String by, Consumer<String> progress);

  CompletableFuture<Outcome<String>> start(
      List<String> services, String by, Consumer<String> progress);

  CompletableFuture<Outcome<String>> restart(
      List<String> services, String by, Consumer<String> progress);

  /// One, or all when empty.
  default CompletableFuture<Outcome<String>> stop(String service, String by) {
    return stop(service.isEmpty() ? List.of() : List.of(service), by, _ -> {});
  }

  default CompletableFuture<Outcome<String>> start(String service, String by) {
    return start(service.isEmpty() ? List.of() : List.of(service), by, _ -> {});
  }

  default CompletableFuture<Outcome<String>> restart(String service, String by) {
    return restart(service.isEmpty() ? List.of() : List.of(service), by, _ -> {});
  }

  CompletableFuture<Outcome<String>> pull(Consumer<String> progress);

  /// @param duration zero or negative ends it
  /// @param standby also take the instance out of its group's service for the time
  CompletableFuture<Outcome<String>> maintenance(
      Duration duration, String reason, boolean standby, String by);

  /// Takes the node out of service: ends when everything is stopped. Holds, across restarts and
  /// reboots, until [#start] of everything.
  ///
  /// @param timeout for work in hand to end; zero: as configured
  /// @param progress one line at a time for the operator
  CompletableFuture<Outcome<String>> drain(Duration timeout, String by, Consumer<String> progress);

  /// Puts a backup back: into the stores of this node, or beside what is in those it shares.
  CompletableFuture<Outcome<String>> restore(RestoreRequest request, Consumer<String> progress);

  /// @param archive its name in the directory from which the agent takes them
  /// @param from where it is from, for people
  /// @param otherStack take it also if it is of another stack
  /// @param overwrite in shared stores, replace what is there already
  record RestoreRequest(
      String archive, String from, boolean otherStack, boolean overwrite, String by) {}

  /// Somebody made a backup by hand.
  ///
  /// @param address where it is
  CompletableFuture<Outcome<String>> backedUp(String address, String by);

  /// What restores, and knows of backups.
  interface Restoring {
    /// @param address where somebody put one that he made by hand
    void made(String address, String by);

    /// @param desk by which services are stopped and started
    CompletableFuture<Outcome<String>> begin(
        Control desk, RestoreRequest request, Consumer<String> progress);
  }

  /// The last revisions of the node, the oldest first.
  List<RevisionEntry> history();

  /// Events since an instant, oldest first, the last `limit` of them.
  List<AgentEvent> events(Instant since, int limit);

  /// What a service's containers wrote.
  ///
  /// @param range of each of them
  CompletableFuture<Outcome<List<LogLine>>> logs(String service, LogRange range);

  /// What is kept of the containers that failed with a revision, the newest last.
  ///
  /// @param service empty: of all
  List<Evidence> failures(String service);

  /// The same, and what they and those that take their place write from now on, until closed. Fails
  /// when there is no such service, when the service named keeps no log that can be read, or when
  /// too many follow. Does not wait.
  ///
  /// @param service empty: all
  /// @param reader told on threads that end when it is closed
  CompletableFuture<Outcome<Following>> follow(String service, LogRange range, LogReader reader);

  /// Ends it: every thread of it is told to end. May be called again.
  interface Following extends AutoCloseable {
    @Override
    void close();
  }

  /// Who reads logs as they are written. Called by several threads.
  interface LogReader {
    /// Must not wait.
    void take(String service, List<LogLine> lines);

    /// Returns when there is room for more; until then no more is read.
    void awaitRoom() throws InterruptedException;
  }
}
