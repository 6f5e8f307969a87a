package io.armory.agent.reconcile.desired;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.Problem;
import io.armory.agent.domain.stack.Revision;
import io.armory.agent.port.Glance;
import io.armory.agent.port.IdentitySource;
import io.armory.agent.port.ParameterSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// From the places facts come from to a revision: identity → parameters → render. Blocks; runs
/// outside the loop's thread.
public final class Sources {
  private final IdentitySource identities;
  private final List<ParameterSource> parameterSources;
  private final RevisionMaker maker;
  private final Supplier<Glance> glance;

  /// The render room, as the loop sees it.
  @FunctionalInterface
  public interface RevisionMaker {
    Made make(NodeIdentity identity, Parameters parameters);
  }

  public sealed interface Made {}

  public record Ready(Revision revision) implements Made {}

  /// The inputs were read and are wrong: nothing is touched until they change.
  ///
  /// @param roleless the node has no role, or one that no template is for
  public record Refused(List<Problem> problems, boolean roleless) implements Made {
    public Refused {
      problems = List.copyOf(problems);
    }

    public Refused(List<Problem> problems) {
      this(problems, false);
    }
  }

  /// The inputs could not be read: the last known good revision holds.
  public record Unreadable(Problem problem) implements Made {}

  /// @param identity empty: it could not be found out
  /// @param parameters those read, as they may be shown, also when the revision was refused
  public record Reading(Optional<NodeIdentity> identity, Parameters parameters, Made made) {}

  /// @param parameterSources in order of precedence, the last one wins
  public Sources(
      IdentitySource identities, List<ParameterSource> parameterSources, RevisionMaker maker) {
    this(identities, parameterSources, maker, () -> Glance.NOTHING);
  }

  /// @param glance at the files that are read
  public Sources(
      IdentitySource identities,
      List<ParameterSource> parameterSources,
      RevisionMaker maker,
      Supplier<Glance> glance) {
    this.identities = identities;
    this.parameterSources = List.copyOf(parameterSources);
    this.maker = maker;
    this.glance = glance;
  }

  /// How the files look, unread.
  public Glance glance() {
    return glance.get();
  }

  /// One at a time: sources keep what they read last.
  public synchronized Reading read() {
    return switch (identities.identify()) {
      case Outcome.Failed<NodeIdentity>(var failure) ->
          new Reading(Optional.empty(), Parameters.NONE, unreadable("identity", failure));
      case Outcome.Done<NodeIdentity>(var identity) -> read(identity);
    };
  }

  /// What the next reading that finds nothing new will cost in calls.
  public int calls() {
    return parameterSources.stream().mapToInt(ParameterSource::calls).sum();
  }

  private Reading read(NodeIdentity identity) {
    var all = Parameters.NONE;
    for (var source : parameterSources) {
      switch (source.read(identity)) {
        case Outcome.Failed<Parameters>(var failure) -> {
          return new Reading(
              Optional.of(identity), Parameters.NONE, unreadable(source.name(), failure));
        }
        case Outcome.Done<Parameters>(var parameters) -> all = all.overlaidBy(parameters);
      }
    }
    // One rule, whatever the source: what is a secret by its name is one.
    var masked = all.masked();
    var whole = identity.settledBy(masked);
    return new Reading(Optional.of(whole), masked, maker.make(whole, masked));
  }

  private static Made unreadable(String what, Failure failure) {
    return failure.kind().retryable()
        ? new Unreadable(new Problem(what, failure.message(), ""))
        : new Refused(List.of(new Problem(what, failure.message(), "")));
  }
}
