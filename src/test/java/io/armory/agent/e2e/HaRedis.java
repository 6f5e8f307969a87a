package io.armory.agent.e2e;

import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.model.Bind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/// The group's Redis as ElastiCache has it: a primary and a replica of it, with TLS and a password,
/// behind one address that is the primary's.
final class HaRedis implements AutoCloseable {
  static final String PASSWORD = "s3cret-of-the-group";

  static {
    // Testcontainers' own client does not ask which version the engine speaks.
    System.setProperty("api.version", "1.41");
  }

  private final Path files;
  private final Map<String, String> addresses;
  private final String prefix;
  private final List<GenericContainer<?>> containers;
  private String primary = "a";

  /// @param network the nodes' network
  /// @param subnet its first three figures
  /// @param address where the nodes find it: the name in its certificate
  HaRedis(String network, Path files, String subnet, String address) {
    this.files = files.toAbsolutePath();
    this.addresses = Map.of("a", subnet + ".20", "b", subnet + ".21");
    this.prefix = network + "-redis-";
    certificate(address);
    containers = List.of(started(network, "a"), started(network, "b"));
    await("the replica follows")
        .atMost(Duration.ofMinutes(2))
        .ignoreExceptions()
        .until(() -> {
          ask("b", "REPLICAOF", addresses.getOrDefault("a", ""), "6379");
          return ask("b", "INFO", "replication").contains("master_link_status:up");
        });
  }

  private void certificate(String address) {
    openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=e2e -keyout ca.key -out ca.pem");
    openssl("req -newkey rsa:2048 -nodes -subj /CN=redis -keyout redis.key -out redis.csr");
    openssl(
        "x509 -req -in redis.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out redis.pem"
            + " -extfile <(echo subjectAltName=IP:"
            + address
            + ")");
    Shell.must("chmod", "-R", "a+rX", files.toString());
  }

  private void openssl(String arguments) {
    Shell.must("bash", "-c", "cd '" + files + "' && openssl " + arguments);
  }

  private GenericContainer<?> started(String network, String name) {
    var container = new GenericContainer<>(DockerImageName.parse("armory-standin/redis:dev"));
    container
        .withNetworkMode(network)
        .withCommand(
            ("redis-server --port 0 --tls-port 6379 --tls-replication yes --tls-cert-file"
                    + " /tls/redis.pem --tls-key-file /tls/redis.key --tls-ca-cert-file /tls/ca.pem"
                    + " --tls-auth-clients no --requirepass %s --masterauth %s --save ")
                .formatted(PASSWORD, PASSWORD)
                .split(" ", -1))
        .withCreateContainerCmdModifier(create -> {
          create.withName(prefix + name).withIpv4Address(addresses.getOrDefault(name, ""));
          create.getHostConfig().withBinds(Bind.parse(files + ":/tls:ro"));
        })
        .start();
    return container;
  }

  Map<String, String> addresses() {
    return addresses;
  }

  /// Of the authority that signed its certificate.
  Path authority() {
    return files.resolve("ca.pem");
  }

  String primary() {
    return primary;
  }

  /// The primary is gone, and the replica takes over with what it has got.
  ///
  /// @return the name of the new primary
  String failOver() {
    var old = primary;
    primary = old.equals("a") ? "b" : "a";
    Shell.must("docker", "kill", prefix + old);
    ask(primary, "REPLICAOF", "NO", "ONE");
    return primary;
  }

  /// The lost one comes back as the replica of the other.
  void repair() {
    var other = primary.equals("a") ? "b" : "a";
    Shell.must("docker", "start", prefix + other);
    await("the replica follows")
        .atMost(Duration.ofMinutes(2))
        .ignoreExceptions()
        .until(() -> {
          ask(other, "REPLICAOF", addresses.getOrDefault(primary, ""), "6379");
          return ask(other, "INFO", "replication").contains("master_link_status:up");
        });
  }

  private String ask(String name, String... words) {
    var command = new ArrayList<>(List.of("docker", "exec", prefix + name, "redis-cli", "--tls"));
    command.addAll(List.of("--insecure", "--no-auth-warning", "-a", PASSWORD, "-e"));
    command.addAll(List.of(words));
    return Shell.must(command.toArray(String[]::new)).out();
  }

  @Override
  public void close() {
    containers.forEach(GenericContainer::stop);
  }
}
