package io.armory.agent.adapter.aws;

import io.armory.agent.domain.Failure;
import io.armory.agent.domain.Failure.Kind;
import io.armory.agent.domain.Outcome;
import io.armory.agent.domain.Secret;
import io.armory.agent.port.RegistryCredentials;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ecr.model.AuthorizationData;

/// Logins for private ECR registries. A token opens every registry of its region that the node may
/// read, and lives 12 h; it is renewed an hour before its end, and the old one serves while the
/// renewal fails.
public final class EcrCredentials implements RegistryCredentials {
  /// `ACCOUNT.dkr.ecr.REGION.amazonaws.com`, its FIPS and China forms, and the dual-stack ones,
  /// from the ECR endpoints page of the AWS general reference.
  private static final Pattern REGISTRY =
      Pattern.compile(
          "[0-9]{12}\\.dkr[.-]ecr(?:-fips)?\\.([a-z0-9-]+)"
              + "\\.(?:amazonaws\\.com|amazonaws\\.com\\.cn|on\\.aws|on\\.amazonwebservices\\.com\\.cn)");

  private static final Duration BEFORE_ITS_END = Duration.ofHours(1);

  /// However soon a token says it ends: ECR is not asked more often.
  private static final Duration AT_LEAST = Duration.ofMinutes(10);

  private static final Duration AFTER_A_FAILURE = Duration.ofMinutes(1);

  private final AwsClients clients;
  private final InstantSource clock;
  private final Map<String, Held> tokens = new HashMap<>();

  public EcrCredentials(AwsClients clients, InstantSource clock) {
    this.clients = clients;
    this.clock = clock;
  }

  private record Held(Credential credential, Instant renewAt, Instant end) {}

  @Override
  public Outcome<Optional<Credential>> find(String registry) {
    var match = REGISTRY.matcher(registry);
    if (!match.matches()) {
      return Outcome.done(Optional.empty());
    }
    return token(match.group(1)).map(held -> Optional.of(held.credential()));
  }

  @Override
  public synchronized void refused(String registry) {
    var match = REGISTRY.matcher(registry);
    if (match.matches()) {
      tokens.remove(match.group(1));
    }
  }

  private synchronized Outcome<Held> token(String region) {
    var held = tokens.get(region);
    var now = clock.instant();
    if (held != null && now.isBefore(held.renewAt())) {
      return Outcome.done(held);
    }
    var answer =
        AwsFailures.attempt(
            "ecr:GetAuthorizationToken " + region,
            () -> clients.sdk().ecr(region).getAuthorizationToken().authorizationData());
    return switch (answer) {
      case Outcome.Failed<java.util.List<AuthorizationData>>(var failure) ->
          keepOn(region, held, now, failure);
      case Outcome.Done<java.util.List<AuthorizationData>>(var all) ->
          all.isEmpty()
              ? keepOn(region, held, now, unreadable(region))
              : read(all.getFirst(), now)
                  .<Outcome<Held>>map(fresh -> {
                    tokens.put(region, fresh);
                    return Outcome.done(fresh);
                  })
                  .orElseGet(() -> keepOn(region, held, now, unreadable(region)));
    };
  }

  private Outcome<Held> keepOn(String region, @Nullable Held held, Instant now, Failure failure) {
    if (held == null || !now.isBefore(held.end())) {
      return Outcome.failed(failure);
    }
    var longer = new Held(held.credential(), now.plus(AFTER_A_FAILURE), held.end());
    tokens.put(region, longer);
    return Outcome.done(longer);
  }

  private static Failure unreadable(String region) {
    return new Failure(
        Kind.TRANSIENT, "ecr:GetAuthorizationToken " + region + ": no token in the answer");
  }

  private static Optional<Held> read(AuthorizationData data, Instant now) {
    try {
      var pair =
          new String(Base64.getDecoder().decode(data.authorizationToken()), StandardCharsets.UTF_8);
      var colon = pair.indexOf(':');
      if (colon <= 0) {
        return Optional.empty();
      }
      var said = data.expiresAt() == null ? now : data.expiresAt();
      var life = Duration.between(now, said);
      var margin =
          life.dividedBy(4).compareTo(BEFORE_ITS_END) < 0 ? life.dividedBy(4) : BEFORE_ITS_END;
      var renewIn = life.minus(margin);
      var renewAt = now.plus(renewIn.compareTo(AT_LEAST) < 0 ? AT_LEAST : renewIn);
      return Optional.of(
          new Held(
              new Credential(pair.substring(0, colon), new Secret(pair.substring(colon + 1))),
              renewAt,
              said.isAfter(renewAt) ? said : renewAt));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
