package io.armory.agent.e2e;

import java.util.List;

/// Somebody whom a pipeline asks, and who takes his time to answer: as long as he does, orca has
/// work in hand. He is a container in the stack's network, under a name that orca agrees to call.
final class SlowServer implements AutoCloseable {
  private static final String HOST = "slow.rehearsal.test";

  private final String container;

  /// @param network of the stack
  /// @param seconds until the answer
  SlowServer(String network, int seconds) {
    this.container = network + "-slow";
    var answer =
        """
        echo asked >>/tmp/asked; sleep %d; echo answered >>/tmp/answered
        printf 'HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\n{}'
        """
            .formatted(seconds);
    Shell.must(
        "docker",
        "run",
        "-d",
        "--name",
        container,
        "--network",
        network,
        "--network-alias",
        HOST,
        "--tmpfs",
        "/tmp:exec,mode=1777",
        "--entrypoint",
        "/bin/sh",
        "-e",
        "ANSWER=" + answer,
        "armory-standin/redis:dev",
        "-c",
        "echo \"$ANSWER\" >/tmp/answer; : >/tmp/asked; : >/tmp/answered;"
            + " while :; do nc -l -p 8080 -e /bin/sh /tmp/answer; done");
  }

  static String url() {
    return "http://" + HOST + ":8080/";
  }

  int asked() {
    return count("asked");
  }

  int answered() {
    return count("answered");
  }

  private int count(String what) {
    return Shell.must("docker", "exec", container, "cat", "/tmp/" + what).lines().size();
  }

  @Override
  public void close() {
    Shell.run(List.of("docker", "rm", "-fv", container));
  }
}
