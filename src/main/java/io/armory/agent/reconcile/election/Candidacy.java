package io.armory.agent.reconcile.election;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Outcome;
import io.armory.agent.reconcile.election.Election.Wish;
import io.armory.agent.reconcile.election.PollerElection.Place;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// What this node wants of the election: what its loop said last, and who waits for the duty to be
/// given up. Told on any thread, asked on the election's.
final class Candidacy {
  private @Nullable Place wanted;
  private boolean fit;
  private boolean resigned;
  private @Nullable Duration quietSince;
  private Duration heard = Duration.ZERO;
  private final List<CompletableFuture<Outcome<String>>> resignations = new ArrayList<>();

  /// As [PollerElection#hear].
  synchronized void hear(
      Optional<Place> where, boolean able, @Nullable Duration quiet, Duration now) {
    wanted = where.orElse(null);
    fit = able;
    quietSince = quiet;
    heard = now;
  }

  CompletableFuture<Outcome<String>> resign() {
    var done = new CompletableFuture<Outcome<String>>();
    synchronized (this) {
      resigned = true;
      resignations.add(done);
    }
    return done;
  }

  void resume() {
    List<CompletableFuture<Outcome<String>>> undone;
    synchronized (this) {
      resigned = false;
      undone = taken();
    }
    var why = new Failure(Failure.Kind.CONFLICT, "the node went back into service meanwhile");
    undone.forEach(f -> f.complete(Outcome.failed(why)));
  }

  /// The duty is another node's, or nobody's.
  void isNotMine() {
    taken().forEach(f -> f.complete(Outcome.done("this node does not poll")));
  }

  private synchronized List<CompletableFuture<Outcome<String>>> taken() {
    var all = List.copyOf(resignations);
    resignations.clear();
    return all;
  }

  synchronized @Nullable Place wanted() {
    return wanted;
  }

  /// @param here where it is elected for now; `null`: nowhere
  /// @param silence of the loop after which it stands no more: one that says nothing cannot stop a
  ///   poller
  synchronized Wish wish(@Nullable Place here, Duration now, Duration silence) {
    var isHeard = now.minus(heard).compareTo(silence) < 0;
    var isHere = here == null || here.isSameAs(wanted);
    return new Wish(fit && !resigned && isHeard && wanted != null && isHere, quietSince);
  }
}
