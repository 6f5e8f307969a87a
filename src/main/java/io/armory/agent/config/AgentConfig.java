package io.armory.agent.config;

import io.armory.agent.domain.Alert;
import io.armory.agent.domain.AlertTemplate;
import io.armory.agent.domain.Approval;
import io.armory.agent.domain.Backoff;
import io.armory.agent.domain.BackupSchedule;
import io.armory.agent.domain.MaxUnavailable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Everything a site can decide about the agent itself. The keys of `agent.yaml` are these
/// components' names in snake case; what each means is said in the commented example,
/// `packaging/etc/agent.yaml`.
///
/// @param project Compose project the agent's containers belong to
/// @param expose services that may be published on any address besides deck and gate
/// @param alerts `notify:` in the file
/// @param effective every key with the value in force and where it comes from, in order
public record AgentConfig(
    Paths paths,
    String project,
    Identity identity,
    ParameterSource parameters,
    Aws aws,
    Docker docker,
    Http http,
    List<String> expose,
    Polling polling,
    Election election,
    Rollout rollout,
    Repair repair,
    Health health,
    Drain drain,
    Images images,
    Secrets secrets,
    Notify alerts,
    BackupSchedule backup,
    List<Setting> effective) {

  public AgentConfig {
    expose = List.copyOf(expose);
    effective = List.copyOf(effective);
  }

  /// Who the node is, said by hand: what is set here is looked for nowhere else.
  public record Identity(
      Optional<Located> stack,
      Optional<Located> role,
      Optional<Located> region,
      Optional<Located> availabilityZone,
      Optional<Located> instanceId,
      Optional<Located> privateIp,
      Optional<Located> asg,
      Map<String, Located> tags) {

    /// Stack and role: with these a node needs nobody else to know what it is.
    boolean saysWho() {
      return stack.isPresent() && role.isPresent();
    }
  }

  /// @param origin `FILE:LINE`
  public record Located(String value, String origin) {}

  /// @param prefix in SSM, absent: `/armory/spinnaker` unless a tag says otherwise
  /// @param pollInterval time between two looks at every source
  public record ParameterSource(Optional<Located> prefix, Duration pollInterval) {}

  public enum Aws {
    /// Used unless `identity:` says both stack and role. Whether a metadata service answers decides
    /// nothing: one that is silent for a while must not look like a host without AWS.
    AUTO,
    /// Used always: a silent metadata service is a fault.
    ON,
    /// Never asked for anything.
    OFF
  }

  /// @param socket of Docker Engine or Podman's compatible service
  public record Docker(Path socket) {}

  /// @param address to listen on; `0.0.0.0` is every interface
  /// @param details the health port also tells what operators read on the control socket
  public record Http(String address, int port, boolean details) {}

  public enum Polling {
    /// Igor and Echo poll where the role says so.
    ROLE,
    /// The nodes elect the one poller by a lease in the remote Redis.
    ELECT
  }

  /// @param lease how long the lease of the elected poller lasts without being renewed
  public record Election(Duration lease) {}

  /// @param timeout without progress after which a new revision is rolled back
  /// @param bake how long it has to be healthy before it is the one to go back to
  /// @param maxUnavailable nodes of a group that change or are out of service at once
  /// @param approval what lets a changed revision of the sources begin
  public record Rollout(
      Duration timeout, Duration bake, MaxUnavailable maxUnavailable, Approval approval) {}

  /// @param backoff between two restarts of a failing service; there is no last attempt
  /// @param window in which repair must work, else the fault is the node's
  public record Repair(Backoff backoff, Duration window) {}

  /// @param disk percent of a filesystem in use from which on it is warned of, and images of old
  ///   releases are removed
  public record Health(AsgHealth asg, int disk) {}

  /// @param report tell the ASG of a fault of this node that its repair could not mend
  /// @param grace after the agent's start, in which nothing is ever reported
  public record AsgHealth(boolean report, Duration grace) {}

  /// @param timeout the longest wait for work in hand to end
  /// @param loadBalancer how long services that run go on after the node is not ready, so that its
  ///   load balancers send nothing more when they stop
  /// @param onRebalance EC2's rebalance recommendation begins a drain; else it is only told
  public record Drain(Duration timeout, Duration loadBalancer, boolean onRebalance) {}

  /// @param requireDigest refuse a stack with an image that is not named by its digest
  /// @param verifyKey cosign's public key: an image without a signature by it does not start
  public record Images(boolean requireDigest, Optional<Path> verifyKey) {}

  /// @param keepLastKnownGood keep a sealed copy of secrets, needed to boot with SSM out of reach
  public record Secrets(boolean keepLastKnownGood) {}

  /// Who is told without asking, and of what.
  ///
  /// @param notReady how long a node is not ready before that is told
  /// @param template of the text
  public record Notify(
      Set<Alert.Condition> on,
      Duration notReady,
      AlertTemplate template,
      Webhook webhook,
      Sns sns) {

    public Notify {
      on = Collections.unmodifiableSet(new LinkedHashSet<>(on));
    }
  }

  public enum NotifyFormat {
    /// `{"text": "…"}`, or the text alone.
    TEXT,
    /// Every part in a field of its own.
    JSON
  }

  /// @param urlFile has the address, which is a secret; empty: the parameter `NOTIFY_WEBHOOK_URL`
  ///   counts
  /// @param caFile the authorities to believe, in PEM; empty: the public ones
  public record Webhook(Optional<Path> urlFile, Optional<Path> caFile, NotifyFormat format) {}

  /// @param topic its ARN; empty: the parameter `NOTIFY_SNS_TOPIC` counts
  public record Sns(Optional<String> topic, NotifyFormat format) {}

  /// @param origin `FILE:LINE`, an environment variable, or `default`
  public record Setting(String key, String value, String origin) {}

  /// Whether AWS is asked who the node is, and for its parameters.
  public boolean usesAws() {
    return switch (aws) {
      case OFF -> false;
      case ON -> true;
      case AUTO -> !identity.saysWho();
    };
  }
}
