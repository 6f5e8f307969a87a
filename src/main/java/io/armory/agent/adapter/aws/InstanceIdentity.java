package io.armory.agent.adapter.aws;

import io.armory.agent.adapter.aws.InstanceMetadata.Answer;
import io.armory.agent.adapter.aws.TagReader.Tags;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.NodeIdentity.Fact;
import io.armory.agent.domain.NodeIdentity.Look;
import io.armory.agent.domain.Outcome;
import io.armory.agent.port.IdentitySource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.core.SdkSystemSetting;

/// Who the instance is, as EC2 says it: IMDSv2, and EC2's own list of tags where IMDS does not
/// expose them. What cannot change while the instance lives is asked once.
public final class InstanceIdentity implements IdentitySource, AutoCloseable {
  /// Fact → item of IMDS.
  private static final Map<String, String> LASTING = lasting();

  private static final Duration AT_START = Duration.ofSeconds(1);

  private final InstanceMetadata metadata;
  private final AwsClients clients;
  private final NamingTags tags;
  private final Optional<Fact> configuredPrefix;
  private final Map<String, Optional<Fact>> known = new LinkedHashMap<>();

  /// @param configuredPrefix the parameter prefix of `agent.yaml`, when it names one
  public InstanceIdentity(AwsClients clients, Optional<Fact> configuredPrefix) {
    this(clients, configuredPrefix, new Known(false, false, Optional.empty()));
  }

  /// What is known without asking.
  ///
  /// @param stackSaid `agent.yaml` says the stack, whatever the tags are
  /// @param roleSaid likewise
  /// @param before who the instance was when it was read last
  public record Known(boolean stackSaid, boolean roleSaid, Optional<NodeIdentity> before) {
    private Set<String> replaced() {
      var tags = new HashSet<String>();
      if (stackSaid) {
        tags.add(NamingTags.STACK);
      }
      if (roleSaid) {
        tags.add(NamingTags.ROLE);
      }
      return tags;
    }
  }

  public InstanceIdentity(AwsClients clients, Optional<Fact> configuredPrefix, Known beforehand) {
    this.clients = clients;
    this.metadata = new InstanceMetadata(clients.options());
    this.tags =
        new NamingTags(
            new TagReader(metadata, clients), beforehand.replaced(), beforehand.before());
    this.configuredPrefix = configuredPrefix;
  }

  /// The node is told by AWS's own variable, `AWS_EC2_METADATA_DISABLED`, that it has no IMDS.
  public static boolean isSwitchedOff() {
    return SdkSystemSetting.AWS_EC2_METADATA_DISABLED.getBooleanValue().orElse(false);
  }

  /// EC2's ID of this instance, asked for no longer than a start may wait; empty: IMDS does not
  /// say.
  public static Optional<String> instanceId(AwsOptions options) {
    try (var metadata = new InstanceMetadata(options.withMetadataPatience(AT_START))) {
      return metadata.get("instance-id") instanceof Answer.Found(var id)
          ? Optional.of(id.strip())
          : Optional.empty();
    }
  }

  private static Map<String, String> lasting() {
    var items = new LinkedHashMap<String, String>();
    items.put(NodeIdentity.INSTANCE_ID, "instance-id");
    items.put(NodeIdentity.REGION, "placement/region");
    items.put(NodeIdentity.AVAILABILITY_ZONE, "placement/availability-zone");
    items.put(NodeIdentity.PRIVATE_IP, "local-ipv4");
    return items;
  }

  @Override
  public synchronized Outcome<NodeIdentity> identify() {
    for (var item : LASTING.entrySet()) {
      if (learn(item.getKey(), item.getValue()) instanceof Answer.Unknown(var failure)) {
        return Outcome.failed(failure);
      }
    }
    var instanceId = known.getOrDefault(NodeIdentity.INSTANCE_ID, Optional.empty());
    if (instanceId.isEmpty()) {
      known.clear();
      return Outcome.failed(
          Failure.Kind.NOT_FOUND, "IMDS instance-id: HTTP 404; not an EC2 instance");
    }
    return tags.read(instanceId.get().value(), region())
        .flatMap(
            found -> new IdentityRules(facts(), found, configuredPrefix, lookedAt(found)).decide());
  }

  private Answer learn(String fact, String item) {
    if (known.containsKey(fact)) {
      return new Answer.Absent();
    }
    var answer = metadata.get(item);
    switch (answer) {
      case Answer.Found(var value) ->
          known.put(fact, Optional.of(new Fact(value.strip(), "IMDS " + item)));
      case Answer.Absent() -> known.put(fact, Optional.empty());
      case Answer.Unknown _ -> {}
    }
    return answer;
  }

  private Optional<String> region() {
    return clients
        .configuredRegion()
        .or(() -> known.getOrDefault(NodeIdentity.REGION, Optional.empty()).map(Fact::value));
  }

  private Map<String, Fact> facts() {
    var facts = new LinkedHashMap<String, Fact>();
    known.forEach((name, fact) -> fact.ifPresent(f -> facts.put(name, f)));
    return facts;
  }

  private List<Look> lookedAt(Tags found) {
    var lines = new ArrayList<Look>();
    LASTING.forEach((fact, item) -> {
      var answer = known.getOrDefault(fact, Optional.empty()).map(Fact::value);
      lines.add(
          new Look("IMDS " + item + ": " + answer.orElse("not there (404)"), answer.isEmpty()));
    });
    lines.add(found.lookedAt());
    return lines;
  }

  @Override
  public void close() {
    metadata.close();
  }
}
