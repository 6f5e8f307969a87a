package io.armory.agent.config;

import java.nio.file.Path;
import java.util.List;

/// Where everything lies. All of it is under one root, `/` on a node, so that the whole agent can
/// run unprivileged from a checkout.
public record Paths(Path root) {
  public Paths {
    root = root.toAbsolutePath().normalize();
  }

  private Path at(String path) {
    return root.resolve(path);
  }

  public Path etc() {
    return at("etc/armory-agent");
  }

  /// The agent's own configuration; may be absent.
  public Path agentYaml() {
    return etc().resolve("agent.yaml");
  }

  /// The site's overlays, and its own roles in `roles/`.
  public Path siteCompose() {
    return etc().resolve("compose");
  }

  /// The site's Spinnaker files.
  public Path siteConfig() {
    return etc().resolve("config");
  }

  /// `default.env` and `STACK.env`.
  public Path env() {
    return etc().resolve("env");
  }

  /// The shipped templates.
  public Path templates() {
    return at("usr/share/armory-agent/compose-templates");
  }

  /// What survives the agent and the node.
  public Path state() {
    return at("var/lib/armory-agent");
  }

  /// Where backups go unless somebody says otherwise.
  public Path backups() {
    return state().resolve("backups");
  }

  /// From where the agent takes those that it is told to restore: whoever may write here may.
  public Path restores() {
    return state().resolve("restores");
  }

  /// Seals what is kept and holds secrets, where the unit has no credential for that.
  public Path sealKey() {
    return state().resolve("seal.key");
  }

  /// Where systemd puts the credentials of the running unit (systemd.exec(5)).
  public Path unitCredentials() {
    return at("run/credentials/armory-agent.service");
  }

  /// Where systemd looks for encrypted credentials, the first first (systemd.exec(5)).
  public List<Path> encryptedCredentials() {
    return List.of(
        at("etc/credstore.encrypted"),
        at("run/credstore.encrypted"),
        at("usr/lib/credstore.encrypted"));
  }

  /// The resolved stack and its files, none of them secret.
  public Path rendered() {
    return state().resolve("rendered");
  }

  /// What does not survive the node: tmpfs.
  public Path run() {
    return at("run/armory-agent");
  }

  public Path controlSocket() {
    return run().resolve("control.sock");
  }

  /// Until when the pollers may run; mounted into them.
  public Path lease() {
    return run().resolve("poller");
  }

  /// Secrets on tmpfs, 0700.
  public Path secrets() {
    return run().resolve("secrets");
  }
}
