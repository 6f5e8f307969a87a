package io.armory.agent.domain.stack;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The `com.docker.compose.config-hash` of one service, as every known generation of Docker Compose
/// computes it. A container with any of them is what the service asks for: an upgrade of Docker
/// Compose, or of the agent, replaces none.
///
/// @param byGeneration one for each generation
public record ConfigHashes(Map<ComposeGeneration, Hash> byGeneration) {
  /// Before the reference of an image, where its ID may be asked for.
  public static final String IMAGE = "image ";

  public ConfigHashes {
    byGeneration = Collections.unmodifiableMap(new EnumMap<>(byGeneration));
    for (ComposeGeneration generation : ComposeGeneration.values()) {
      Objects.requireNonNull(byGeneration.get(generation), generation.name());
    }
  }

  /// The same for all generations.
  public static ConfigHashes of(String hash) {
    Map<ComposeGeneration, Hash> all = new EnumMap<>(ComposeGeneration.class);
    for (ComposeGeneration generation : ComposeGeneration.values()) {
      all.put(generation, new Hash(hash, List.of()));
    }
    return new ConfigHashes(all);
  }

  /// What a new container is labelled with.
  ///
  /// @param containers service → ID of the container that `service:NAME` means now
  public String of(ComposeGeneration generation, Map<String, String> containers) {
    return Objects.requireNonNull(byGeneration.get(generation)).with(containers);
  }

  /// Whether any generation gives the service this one.
  ///
  /// @param containers also [#IMAGE] and a reference → ID of an image that it mounts
  public boolean include(String hash, Map<String, String> containers) {
    return byGeneration.values().stream()
        .anyMatch(h -> h.value().equals(hash) || h.with(containers).equals(hash));
  }

  /// One generation's. The reference hashes a service after it has put the ID of a container in the
  /// place of each other service whose namespace or volumes it takes; so such a hash is made when
  /// the IDs are known.
  ///
  /// @param value with the names of the services
  /// @param text what is hashed, cut at the IDs: text, service, text, service, … text. Empty: no ID
  ///   stands in it. It may hold values of the environment and is shown nowhere
  public record Hash(String value, List<String> text) {
    public Hash {
      text = List.copyOf(text);
    }

    private String with(Map<String, String> containers) {
      StringBuilder whole = new StringBuilder();
      for (int i = 0; i < text.size(); i++) {
        String part = i % 2 == 0 ? text.get(i) : part(text.get(i), containers);
        if (part == null) {
          return value;
        }
        whole.append(part);
      }
      return text.isEmpty() ? value : sha256(whole.toString());
    }

    /// The name of an image stands for itself.
    private static @Nullable String part(String key, Map<String, String> ids) {
      return key.startsWith(IMAGE)
          ? ids.getOrDefault(key, key.substring(IMAGE.length()))
          : ids.get(key);
    }

    @Override
    public String toString() {
      return value;
    }
  }

  /// Of text, in hexadecimal digits.
  public static String sha256(String text) {
    try {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
