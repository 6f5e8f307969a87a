package io.armory.agent.domain;

import java.util.Optional;
import java.util.Set;

/// The Redis outside the node that a stack keeps its state in, shared with the other nodes of its
/// group.
///
/// @param user ACL user; empty: Redis' own `default`
/// @param password empty: none is sent
/// @param caFile PEM file on the node with the only authorities to be trusted; empty: those of the
///   Java runtime
/// @param users the services of the stack that use it
/// @param hostHidden the host is a secret: it is not shown
public record RemoteRedis(
    String host,
    int port,
    boolean tls,
    String user,
    Secret password,
    Optional<String> caFile,
    Set<String> users,
    boolean hostHidden) {

  public RemoteRedis {
    users = Set.copyOf(users);
  }

  /// For people: `redis.internal:6379`.
  public String address() {
    var shown = shownHost();
    return (shown.contains(":") ? "[" + shown + "]" : shown) + ":" + port;
  }

  /// For people.
  public String shownHost() {
    return hostHidden ? Secret.MASK : host;
  }

  /// Whether it is the same one, reached in the same way, whoever uses it.
  public boolean isSameAs(RemoteRedis other) {
    return host.equals(other.host)
        && port == other.port
        && tls == other.tls
        && user.equals(other.user)
        && password.equals(other.password)
        && caFile.equals(other.caFile);
  }
}
