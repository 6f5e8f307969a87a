package io.armory.agent.adapter.aws;

import io.armory.agent.adapter.aws.TagReader.Tags;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.Outcome;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The tags that name what the node is. One that was there and is missing in IMDS, while the
/// instance is the same, is believed to be gone only when EC2 says so too: another stack's, or the
/// default's, parameters would be rolled out on the word of whatever answers at IMDS's address.
final class NamingTags {
  static final String STACK = "armory:stack";
  static final String ROLE = "armory:role";
  static final String PREFIX = "armory:parameters";

  private final TagReader reader;

  /// Those in whose place `agent.yaml` says what the node is.
  private final Set<String> replaced;

  private final Optional<NodeIdentity> before;
  private @Nullable Set<String> seen;

  /// @param before who the node was, when it was read last
  NamingTags(TagReader reader, Set<String> replaced, Optional<NodeIdentity> before) {
    this.reader = reader;
    this.replaced = Set.copyOf(replaced);
    this.before = before;
  }

  /// Which tags an identity was read from.
  private static Set<String> of(NodeIdentity identity) {
    var tags = new HashSet<String>();
    note(Optional.of(identity.stack()), STACK, tags);
    note(identity.role(), ROLE, tags);
    note(Optional.of(identity.parameterPrefix()), PREFIX, tags);
    return tags;
  }

  private static void note(Optional<Fact> fact, String key, Set<String> tags) {
    var origin = fact.map(Fact::origin).orElse("");
    if (origin.startsWith("tag " + key + " ")) {
      tags.add(key);
    } else if (origin.startsWith(NodeIdentity.GROUP_ORIGIN)) {
      tags.add(TagReader.GROUP_TAG);
    }
  }

  Outcome<Tags> read(String instanceId, Optional<String> region) {
    return reader
        .read(instanceId, region)
        .flatMap(found -> {
          var gone = gone(known(instanceId), found);
          return gone.isEmpty() || !found.from().equals(TagReader.METADATA)
              ? believed(found)
              : confirmed(gone, reader.fromEc2(instanceId, region));
        });
  }

  private Outcome<Tags> confirmed(Set<String> gone, Outcome<Tags> ec2) {
    return switch (ec2) {
      case Outcome.Done<Tags>(var tags) -> believed(tags);
      case Outcome.Failed<Tags>(var failure) ->
          Outcome.failed(
              Failure.Kind.TRANSIENT,
              "IMDS tags/instance: %s, which this instance had, is missing, and EC2 does not confirm that (%s); allow ec2:DescribeTags, set the tag, or say stack and role under identity: in agent.yaml"
                  .formatted(String.join(", ", gone), failure.message()));
    };
  }

  private Outcome<Tags> believed(Tags tags) {
    var naming = new HashSet<>(Set.of(STACK, ROLE, PREFIX, TagReader.GROUP_TAG));
    naming.retainAll(set(tags));
    seen = naming;
    return Outcome.done(tags);
  }

  private Set<String> known(String instanceId) {
    var known = seen;
    return known != null
        ? known
        : before
            .filter(b -> b.fact(NodeIdentity.INSTANCE_ID).equals(Optional.of(instanceId)))
            .map(NamingTags::of)
            .orElse(Set.of());
  }

  private Set<String> gone(Set<String> known, Tags found) {
    var gone = new TreeSet<>(known);
    gone.removeAll(set(found));
    gone.removeAll(replaced);
    if (isSaid(STACK, found) && isSaid(ROLE, found)) {
      // Nothing is read from the group's name.
      gone.remove(TagReader.GROUP_TAG);
    }
    return gone;
  }

  private boolean isSaid(String key, Tags found) {
    return replaced.contains(key) || set(found).contains(key);
  }

  /// A tag without a value says nothing.
  private static Set<String> set(Tags tags) {
    return tags.values().entrySet().stream()
        .filter(t -> !t.getValue().isBlank())
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }
}
