package io.armory.agent.adapter.aws;

import io.armory.agent.adapter.aws.InstanceMetadata.Answer;
import io.armory.agent.domain.Cidr;
import io.armory.agent.domain.NodeRanges.Need;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// The ranges of the VPCs that this instance's interfaces are in, as IMDS tells them: databases,
/// caches and load balancers of other subnets have their addresses there, and the node's routes
/// name its own subnet alone. What IMDS does not tell is left out. What it told once is kept.
public final class VpcRanges implements Supplier<List<Need>> {
  private static final String INTERFACES = "network/interfaces/macs/";
  private static final List<String> ITEMS = List.of("vpc-ipv4-cidr-blocks", "vpc-ipv6-cidr-blocks");

  /// Whoever asks has just had an answer of IMDS, or will have none.
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final AwsOptions options;
  private Optional<List<Need>> known = Optional.empty();

  public VpcRanges(AwsClients clients) {
    this.options = clients.options().withMetadataPatience(PATIENCE);
  }

  @Override
  public synchronized List<Need> get() {
    if (known.isEmpty() && !InstanceIdentity.isSwitchedOff()) {
      try (var metadata = new InstanceMetadata(options)) {
        known = read(metadata);
      }
    }
    return known.orElse(List.of());
  }

  private static Optional<List<Need>> read(InstanceMetadata metadata) {
    var needs = new ArrayList<Need>();
    if (!(metadata.get(INTERFACES) instanceof Answer.Found(var interfaces))) {
      return Optional.empty();
    }
    for (var mac : interfaces.lines().map(l -> l.replace("/", "")).toList()) {
      for (var item : ITEMS) {
        switch (metadata.get(INTERFACES + mac + "/" + item)) {
          case Answer.Found(var ranges) -> ranges(ranges, item).forEach(needs::add);
          case Answer.Absent _ -> {}
          case Answer.Unknown _ -> {
            return Optional.empty();
          }
        }
      }
    }
    return Optional.of(needs.stream().distinct().toList());
  }

  private static Stream<Need> ranges(String text, String item) {
    return text.lines()
        .flatMap(line -> Cidr.parse(line.strip()).stream())
        .map(range -> new Need(range, "", "a range of this node's VPC, by IMDS " + item, false));
  }
}
