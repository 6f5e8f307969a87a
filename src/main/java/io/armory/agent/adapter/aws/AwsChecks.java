package io.armory.agent.adapter.aws;

import io.armory.agent.adapter.aws.InstanceMetadata.Answer;
import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.NodeIdentity;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Parameters;
import io.armory.agent.domain.report.Check;
import io.armory.agent.port.Lifecycle.GroupHealth;
import io.armory.agent.port.Lifecycle.Membership;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What `doctor` says of AWS: the metadata service, the tags in it, the Parameter Store, the clock.
public record AwsChecks(AwsClients clients) {
  private static final String OPTIONS = "aws ec2 modify-instance-metadata-options";
  private static final Duration NEGLIGIBLE = Duration.ofSeconds(5);

  /// AWS refuses a request signed more than 5 min from its own time.
  private static final Duration REFUSED = Duration.ofMinutes(4);

  /// IMDS itself, and whether it has the instance's tags.
  public List<Check> metadata() {
    if (InstanceIdentity.isSwitchedOff()) {
      return List.of(
          Check.fine(
              "imds",
              "not asked, as AWS_EC2_METADATA_DISABLED says: agent.yaml tells who the node is"));
    }
    try (var metadata = new InstanceMetadata(clients.options())) {
      return switch (metadata.get("instance-id")) {
        case Answer.Found(var id) ->
            List.of(
                Check.fine("imds", "answers (version 2), instance " + id.strip()),
                tags(metadata, id.strip()));
        case Answer.Absent() ->
            List.of(
                Check.wrong(
                    "imds",
                    "answers, but knows no instance-id: this is not an EC2 instance",
                    "say who the node is under identity: in agent.yaml, with aws: off"));
        case Answer.Unknown(var failure) -> List.of(silent(failure));
      };
    }
  }

  private static Check silent(Failure failure) {
    var todo =
        switch (failure.kind()) {
          case DENIED -> OPTIONS + " --instance-id ID --http-endpoint enabled";
          case TRANSIENT ->
              "it answers with errors: look again in a minute; if that lasts, reboot the instance";
          default ->
              "on EC2: "
                  + OPTIONS
                  + " --instance-id ID --http-endpoint enabled (in a container also"
                  + " --http-put-response-hop-limit 2), and no firewall before 169.254.169.254;"
                  + " elsewhere: identity: in agent.yaml, with aws: off";
        };
    return Check.wrong("imds", failure.message(), todo);
  }

  private Check tags(InstanceMetadata metadata, String id) {
    var enable = OPTIONS + " --instance-id " + id + " --instance-metadata-tags enabled";
    return switch (metadata.get("tags/instance")) {
      case Answer.Found(var keys) ->
          Check.fine("tags", "in the metadata: " + String.join(", ", keys.lines().toList()));
      case Answer.Absent() ->
          new TagReader(metadata, clients)
              .read(id, region(metadata))
              .whyFailed()
              .map(f ->
                  Check.wrong(
                      "tags",
                      f.message(),
                      (f.kind() == Kind.DENIED ? "grant ec2:DescribeTags" : "open a way to EC2")
                          + ", or better: "
                          + enable))
              .orElseGet(() ->
                  Check.advice(
                      "tags",
                      "not in the metadata: EC2 DescribeTags is asked instead, which is slower,"
                          + " throttled and needs a permission",
                      enable));
      case Answer.Unknown(var failure) -> Check.wrong("tags", failure.message(), "look again");
    };
  }

  private Optional<String> region(InstanceMetadata metadata) {
    return clients
        .configuredRegion()
        .or(() ->
            metadata.get("placement/region") instanceof Answer.Found(var region)
                ? Optional.of(region.strip())
                : Optional.empty());
  }

  /// Whether the instance's Auto Scaling group ends it for not being ready; nothing to say of an
  /// instance in no group.
  public List<Check> group(Optional<NodeIdentity> known) {
    var node = known.filter(n -> n.fact(NodeIdentity.INSTANCE_ID).isPresent());
    if (node.isEmpty()) {
      return List.of();
    }
    try (var lifecycle = new GroupLifecycle(clients)) {
      return switch (lifecycle.membership(node.get())) {
        case Outcome.Done<Optional<Membership>>(var found) ->
            found.map(m -> List.of(group(lifecycle, node.get(), m))).orElse(List.of());
        case Outcome.Failed<Optional<Membership>>(var failure) -> List.of(ungrouped(failure));
      };
    }
  }

  private static Check group(GroupLifecycle lifecycle, NodeIdentity node, Membership member) {
    return switch (lifecycle.health(node, member.group())) {
      case Outcome.Done<GroupHealth>(var health) -> {
        var words =
            "%s in %s, health check type %s"
                .formatted(member.state(), member.group(), String.join(",", health.types()));
        yield health.endsTheUnready()
            ? Check.advice(
                "group",
                words
                    + ": where its load balancers ask for /health/ready, a release, a drain or an"
                    + " outage of Redis ends this node",
                "set the group's health check type to EC2, or let its target groups ask for"
                    + " /health/live")
            : Check.fine("group", words);
      }
      case Outcome.Failed<GroupHealth>(var failure) -> ungrouped(failure);
    };
  }

  private static Check ungrouped(Failure failure) {
    return Check.advice(
        "group",
        failure.message(),
        failure.kind() == Kind.DENIED
            ? "grant what the policy of the package has of autoscaling:, or leave it: the node then"
                + " takes no part in its group's lifecycle"
            : "look again");
  }

  /// The Parameter Store as this node may read it, and the clock by its answers.
  ///
  /// @param known empty: it could not be found out who the node is
  public List<Check> parameters(Optional<NodeIdentity> known) {
    return known
        .map(this::parameters)
        .orElseGet(() ->
            Stream.of("ssm", "clock")
                .map(subject ->
                    Check.advice(
                        subject,
                        "not looked at: it is not known who this node is",
                        "mend what is wrong above, and look again"))
                .toList());
  }

  List<Check> parameters(NodeIdentity identity) {
    var checks = new ArrayList<Check>();
    var paths = SsmParameters.paths(identity);
    var where = String.join(" and ", paths);
    switch (new SsmParameters(clients).read(identity)) {
      case Outcome.Done<Parameters>(var found) -> {
        checks.add(
            Check.fine(
                "ssm",
                "%d variables, %d files and %d settings below %s"
                    .formatted(
                        found.variables().size(),
                        found.files().size(),
                        found.settings().size(),
                        where)));
        found
            .problems()
            .forEach(p -> checks.add(Check.advice("ssm", p.where() + ": " + p.what(), p.todo())));
        describing(identity, paths).ifPresent(checks::add);
      }
      case Outcome.Failed<Parameters>(var failure) -> checks.add(unread(failure, where));
    }
    checks.add(clock());
    return checks;
  }

  private static Check unread(Failure failure, String where) {
    var todo =
        switch (failure.kind()) {
          case DENIED ->
              "give the instance profile ssm:GetParametersByPath below "
                  + where
                  + ", and kms:Decrypt for its secrets (the policy comes with the package)";
          case UNREACHABLE, TIMEOUT ->
              "open a way to SSM: a NAT gateway or an interface endpoint, and the security group's"
                  + " port 443";
          case INVALID -> "correct it in agent.yaml, or in the environment of the service";
          case TRANSIENT,
              NO_ROOM,
              NOT_FOUND,
              CONFLICT,
              BROKEN,
              PORT_TAKEN,
              IMAGE_UNAVAILABLE,
              UNHEALTHY ->
              "try again later";
        };
    return Check.wrong("ssm", failure.message(), todo);
  }

  private Optional<Check> describing(NodeIdentity identity, List<String> paths) {
    var asked =
        AwsFailures.attempt("SSM", () -> clients.sdk().ssm(clients.region(identity).orElseThrow()));
    return asked
        .flatMap(ssm -> new SsmPages(ssm, clients.options().call()).descriptions(paths))
        .whyFailed()
        .filter(f -> f.kind() == Kind.DENIED)
        .map(f ->
            Check.advice(
                "ssm",
                f.message(),
                "grant ssm:DescribeParameters: without it every look reads every value"));
  }

  private Check clock() {
    var behind = clients.clockBehind();
    if (behind.isEmpty()) {
      return Check.advice("clock", "AWS did not say what time it is", "mend ssm first");
    }
    var off = behind.get().abs();
    var words =
        "%d s %s AWS's".formatted(off.toSeconds(), behind.get().isNegative() ? "before" : "behind");
    if (off.compareTo(NEGLIGIBLE) <= 0) {
      return Check.fine("clock", "within " + NEGLIGIBLE.toSeconds() + " s of AWS's");
    }
    var todo = "let chrony follow 169.254.169.123";
    return off.compareTo(REFUSED) < 0
        ? Check.advice("clock", words, todo)
        : Check.wrong("clock", words + ": AWS refuses such requests", todo);
  }
}
